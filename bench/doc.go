// Package bench measures what users wait for, on a database with 100,000 conversations. It holds benchmarks alone: run them with
// make bench. Beside the page that the API answers runs the same page built as JSON by PostgreSQL in one statement, so that figures can be told as ratios.
package bench
