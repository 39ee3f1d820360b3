//! Signatures of tokens by HMAC, through the decoder of access tokens: genuine header and claims, a wrong signature.

use gatevault::{Payload, SigningKey, TokenManager};
use gatevault_benches::Answer;
use gatevault_benches::timing::Pair;

use crate::wrong::{in_first_byte, in_last_byte, joined, random, split};

/// Returns two pairs for each algorithm.
pub(crate) fn pairs() -> Answer<Vec<Pair>> {
    let mut pairs = Vec::new();
    for key in [SigningKey::hs256(SECRET)?, SigningKey::hs384(SECRET)?, SigningKey::hs512(SECRET)?] {
        let algorithm = key.algorithm();
        let tokens = TokenManager::builder().key(key).build()?;
        let (signed, tag) = split(&tokens.create_access_token(&Payload::new(1))?)?;
        for (name, tags) in [("first, last byte", in_first_byte(&tag)), ("random, last byte", random(&tag)?)]
        {
            let classes = [tags, in_last_byte(&tag)].map(|tags| joined(&signed, tags));
            let tokens = tokens.clone();
            let call = move |token: &str| tokens.decode_access_token::<Payload>(token).is_ok();
            pairs.push(
                Pair::new(format!("{algorithm:?}, wrong signature: {name}"), classes, call)?.repeated(4),
            );
        }
    }
    Ok(pairs)
}

const SECRET: [u8; 64] = [7; 64];
