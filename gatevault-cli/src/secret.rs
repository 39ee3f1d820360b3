//! `gatevault secret`.

use aws_lc_rs::rand;
use clap::Args;
use serde_json::json;
use zeroize::Zeroizing;

use crate::answer::{Answer, Failure};
use crate::terminal::Page;

/// Create a random secret, in hexadecimal.
///
/// The characters themselves are the secret: give them to `TokenManager::new` or `Auth::new` as they are.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gatevault secret > secret.txt
  gatevault secret --bytes 64        # for HS512")]
pub(crate) struct Options {
    /// Random bytes; each becomes two characters
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u16).range(16..=1024))]
    bytes: u16,
}

pub(crate) fn run(options: &Options) -> Result<Answer, Failure> {
    let bytes = random(usize::from(options.bytes))?;
    let secret = hexadecimal(&bytes);
    let json = json!({ "secret": secret, "bytes": options.bytes });
    Ok(Answer::new(Page::line(secret), json))
}

/// Returns the two digits of each byte.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

/// Returns bytes from the cryptographic random source.
pub(crate) fn random(count: usize) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let mut bytes = Zeroizing::new(vec![0; count]);
    rand::fill(&mut bytes).map_err(|_| Failure::new("the system's random source failed"))?;
    Ok(bytes)
}
