-- Records the revocation of a token, a user, or a session of another issuer.
--
-- KEYS: the list of revocations; the number of the last revocation
-- ARGV: the member of the list
record(KEYS[1], KEYS[2], { ARGV[1] })
