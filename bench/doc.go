// Package bench measures what users wait for, on a database with 100,000 conversations. It holds
// benchmarks alone: run them with make bench. The page that the API answers is compared with the same
// page built as JSON by PostgreSQL in one statement, so that the figures are ratios.
package bench
