SET LOCAL lock_timeout = '2s';
-- A step as a later version may bring; the tests of upgrading use it.
ALTER TABLE conversations ADD COLUMN mood text;
