//! Hostile stored hashes. Each is a change of a valid hash of [`PASSWORD`], so that a lax reader would verify it.

mod argon2;
mod bcrypt;

use crate::attack::{Category, Hash};

/// The password of the valid hashes that the attacks change.
pub const PASSWORD: &str = "U*U";

/// Valid hashes of [`PASSWORD`], which every way in must accept, so that a refusal means something.
pub const GOOD: [&str; 2] = [bcrypt::VALID, argon2::VALID];

/// Creates every hostile stored hash.
#[must_use]
pub fn hashes() -> Vec<Hash> {
    let mut hashes = Vec::new();
    bcrypt::add(&mut hashes);
    argon2::add(&mut hashes);
    for stored in OTHER_SCHEMES {
        hashes.push(Hash { category: FOREIGN, stored: stored.to_owned() });
    }
    hashes
}

const FOREIGN: Category = Category {
    name: "hashes of other schemes, plain text, marks of locked accounts",
    source: "OWASP ASVS 5.0 V11.4",
};

const OTHER_SCHEMES: [&str; 19] = [
    "",
    " ",
    "U*U",
    "*",
    "!",
    "!!",
    "x",
    "NULL",
    "\0",
    "{bcrypt}$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
    "$1$deadbeef$Q7g0UO4hRC0mgQUQ/qkjZ0",
    "$5$rounds=999999999$salt$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc8",
    "$6$rounds=999999999$usesomesillystri$D4IrlXatmP7rx3P3InaxBeoomnAihCKRVQAr/36eYqvVcrvI",
    "$7$CU..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D",
    "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7",
    "$pbkdf2-sha256$2147483647$0ZrzXitFSGltTQnBWOsdYw$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M",
    "$scrypt$ln=31,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
    "5f4dcc3b5aa765d61d8327deb882cf99",
    "$bcrypt-sha256$v=2,t=2b,r=12$n79VH.0Q2TMWmt3Oqt9uku$Kq4Noyk3094Y2QlB8NdRT8SvGiI4ft2",
];

/// Characters that belong to no stored hash.
const STRANGE: [&str; 9] = ["\0", " ", "\n", "\u{7f}", "\u{a3}", "\u{e9}", "\u{ff10}", "\u{1f511}", "-"];
