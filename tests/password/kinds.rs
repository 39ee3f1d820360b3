//! Stored hashes that cannot be verified.

/// Stored hashes of each kind, with the start of their reasons.
pub(crate) const KINDS: &[(&str, &str)] = &[
    ("", "empty"),
    (" \t\n", "empty"),
    ("correct", "unknown format; `"),
    ("pässwört", "unknown format; `"),
    (
        "{bcrypt}$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "unknown format (a scheme in braces, ",
    ),
    ("{noop}x", "unknown format (a scheme in braces, as of Spring Security or LDAP); `"),
    ("{SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3", "unknown format (a scheme in braces, "),
    ("$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "unknown format (bcrypt `$2x$`, "),
    ("$2$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "unknown format (bcrypt `$2$`, "),
    ("$2B$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "unknown format; `"),
    (
        " $2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "unknown format (white space around the hash)",
    ),
    (
        "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW\n",
        "malformed bcrypt hash: white space at its end",
    ),
    (
        "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW    ",
        "malformed bcrypt hash: white space at its end",
    ),
    ("$2a$", "malformed bcrypt hash: its length is not 60 characters"),
    (
        "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe",
        "malformed bcrypt hash: its length is not 60 characters",
    ),
    (
        "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOé",
        "malformed bcrypt hash: a character is not ASCII",
    ),
    (
        "$2b$+5$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "malformed bcrypt hash: its cost is not of two digits",
    ),
    (
        "$2b$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "malformed bcrypt hash: its cost is not in 4 to 31",
    ),
    (
        "$2b$99$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "malformed bcrypt hash: its cost is not in 4 to 31",
    ),
    // A salt as PHP applications made it, with spare bits: issue 25 of Passlib.
    (
        "$2a$12$oaQbBqq8JnSM1NHRPQGXORm4GCUMqp7meTnkft4zgSnrbhoKdDV0C",
        "malformed bcrypt hash: its salt has a foreign character or spare bits",
    ),
    (
        "$2b$05$CCCCCCCCCCCCCCCCCCCC+.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "malformed bcrypt hash: its salt has a foreign character or spare bits",
    ),
    (
        "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeX",
        "malformed bcrypt hash: its digest has a foreign character or spare bits",
    ),
    (
        "$2b$05$ccccccccccccccccccccc.e5ypo9kmyurgyh0xouqyb4ymjkvyoew",
        "malformed bcrypt hash: its digest has a foreign character or spare bits",
    ),
    (
        "$2b$20$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "over the ceiling: bcrypt cost 20 > 16; `cost_ceiling` sets the ceiling",
    ),
    (
        "$argon2id$v=19$m=262145,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$S9Pxhrjkz1v/Zw0oz978151Aqr8lLwpMu6p6CjdGyH0",
        "over the ceiling: argon2id memory_kib 262145 > 262144; `argon2_ceiling`",
    ),
    (
        "$argon2id$v=19$m=16,t=4294967295,p=1$MDEyMzQ1Njc4OWFiY2RlZg$S9Pxhrjkz1v/Zw0oz978151Aqr8lLwpMu6p6CjdGyH0",
        "over the ceiling: argon2id iterations 4294967295 > 16; `argon2_ceiling`",
    ),
    (
        "$argon2id$v=19$m=160,t=2,p=9$MDEyMzQ1Njc4OWFiY2RlZg$S9Pxhrjkz1v/Zw0oz978151Aqr8lLwpMu6p6CjdGyH0",
        "over the ceiling: argon2id parallelism 9 > 8; `argon2_ceiling`",
    ),
    (
        "$argon2id$v=19$m=4,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$S9Pxhrjkz1v/Zw0oz978151Aqr8lLwpMu6p6CjdGyH0",
        "malformed argon2id hash: its parameters are below the minimum",
    ),
    (
        "$argon2id$v=16$m=16,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$oY3XTXxdhvTyQIhBYc9UO43DfnPUYR9JL4IIaTSqE2Y",
        "malformed argon2id hash: its version is not 19",
    ),
    (
        "$argon2id$m=16,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$oY3XTXxdhvTyQIhBYc9UO43DfnPUYR9JL4IIaTSqE2Y",
        "malformed argon2id hash: its version is not 19",
    ),
    ("$argon2id$v=19$", "malformed argon2id hash: it has no salt"),
    ("$argon2id$v=19$m=16,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg", "malformed argon2id hash: it has no digest"),
    (
        "$argon2id$v=19$t=2,m=16,p=1$MDEyMzQ1Njc4OWFiY2RlZg$S9Pxhrjkz1v/Zw0oz978151Aqr8lLwpMu6p6CjdGyH0",
        "malformed argon2id hash: its parameters are not of the form",
    ),
    (
        "$argon2id$v=19$m=16,t=2,p=1$MDEy$S9Pxhrjkz1v/Zw0oz978151Aqr8lLwpMu6p6CjdGyH0",
        "malformed argon2id hash: its salt is not",
    ),
    (
        "$argon2id$v=19$m=16,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$S9Pxhrjkz1v",
        "malformed argon2id hash: its digest is not",
    ),
    (
        "$argon2id$v=19$m=16,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$S9Pxhrjkz1v/Zw0oz978151Aqr8lLwpMu6p6CjdGyH0\n",
        "malformed argon2id hash: white space at its end",
    ),
    (
        "$argon2i$v=19$m=16,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$+ZKJXSOJNNobsfe5XfGdD3mtYVmw4b0Cx/I8C8JriP0",
        "unknown format (argon2i); `",
    ),
    (
        "$argon2d$v=19$m=16,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$YKCt2ieZS3d+zHEHEbIMv+uy1eZtVhZRUBSStv/OiCk",
        "unknown format (argon2d); `",
    ),
    (
        "argon2$argon2id$v=19$m=16,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$S9Pxhrjkz1v/Zw0oz978151Aqr8lLwpMu6p6CjdGyH0",
        "unknown format (argon2 as of Django)",
    ),
    (
        "pbkdf2_sha256$1000$seasalt$mQnueSakb748zqBAC1tmWVZsZbi2zPGZarEzTGdfmso=",
        "unknown format (PBKDF2 as of Django)",
    ),
    (
        "$pbkdf2-sha256$29000$N2YMIWQsBWBMae09x1jrPQ$1t8iyB2A.WF/Z5JZv.lfCIhXXN33N23OSgQYThBYRfk",
        "unknown format (PBKDF2 as of Passlib)",
    ),
    ("pbkdf2:sha256:260000$salt$abcdef", "unknown format (PBKDF2 as of Werkzeug)"),
    ("scrypt:32768:8:1$salt$abcdef", "unknown format (scrypt as of Werkzeug)"),
    (
        "bcrypt$$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "unknown format (bcrypt as of Django)",
    ),
    (
        "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
        "unknown format (scrypt); `",
    ),
    (
        "$6$rounds=5000$usesomesillystri$D4IrlXatmP7rx3P3InaxBeoomnAihCKRVQAr/36eYqvVcrvI",
        "unknown format (sha512-crypt); `",
    ),
    ("$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", "unknown format (phpass); `"),
    ("5f4dcc3b5aa765d61d8327deb882cf99", "unknown format (hexadecimal digits, as of MD5 or SHA); `"),
];
