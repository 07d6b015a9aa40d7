SET lock_timeout = 0;
--bun:split
DROP INDEX CONCURRENTLY IF EXISTS conversations_mood;
--bun:split
CREATE INDEX CONCURRENTLY conversations_mood ON conversations (mood, id);
--bun:split
RESET lock_timeout;
