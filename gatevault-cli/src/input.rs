//! Input: files, standard input, the environment, the terminal.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read};
use std::path::Path;

use zeroize::Zeroizing;

use crate::answer::Failure;

/// The name of standard input where a file is expected.
pub(crate) const STDIN: &str = "-";

/// Reads a file, or standard input for `-`.
pub(crate) fn bytes(path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let (name, read) = if path == Path::new(STDIN) {
        ("standard input".to_owned(), limited(io::stdin().lock()))
    } else {
        (path.display().to_string(), File::open(path).and_then(limited))
    };
    let bytes = read.map_err(|error| Failure::of(&name, &error))?;
    if bytes.len() > MAX_BYTES {
        return Err(Failure::new(format!(
            "{name}: more than {} MiB, and no input of this command is as long",
            MAX_BYTES >> 20
        )));
    }
    Ok(bytes)
}

/// Reads a file, or standard input for `-`, as text.
pub(crate) fn text(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let bytes = bytes(path)?;
    str::from_utf8(&bytes)
        .map(|text| Zeroizing::new(text.to_owned()))
        .map_err(|error| Failure::of(format!("{} is not text in UTF-8", path.display()), &error))
}

/// Reads a secret: the bytes of a file without its last line break, or a line of the terminal, which is not shown.
pub(crate) fn secret(path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    if path == Path::new(STDIN) && io::stdin().is_terminal() {
        return password("Secret: ").map(|secret| Zeroizing::new(secret.as_bytes().to_vec()));
    }
    let bytes = bytes(path)?;
    Ok(Zeroizing::new(without_line_break(&bytes).to_vec()))
}

/// Reads a variable of the environment.
pub(crate) fn variable(name: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let missing = || Failure::new(format!("the environment has no variable {name}: set and export it"));
    let value = std::env::var_os(name).ok_or_else(missing)?;
    Ok(Zeroizing::new(value.into_encoded_bytes()))
}

/// Reads a password: from the terminal without showing it, or else from standard input without the last line break.
pub(crate) fn password(prompt: &str) -> Result<Zeroizing<String>, Failure> {
    if io::stdin().is_terminal() {
        let typed = rpassword::prompt_password(prompt);
        return typed.map(Zeroizing::new).map_err(|error| Failure::of("the terminal", &error));
    }
    let text = text(Path::new(STDIN))?;
    let password = text.strip_suffix('\n').unwrap_or(&text);
    Ok(Zeroizing::new(password.strip_suffix('\r').unwrap_or(password).to_owned()))
}

/// Reads a new password, twice if it is typed.
pub(crate) fn new_password() -> Result<Zeroizing<String>, Failure> {
    let first = password("Password: ")?;
    if io::stdin().is_terminal() && *first != *password("The same password again: ")? {
        return Err(Failure::new("the two passwords differ: type the same one twice"));
    }
    Ok(first)
}

/// Reads everything, and one byte more than the limit at most.
fn limited(source: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX);
    source.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn without_line_break(bytes: &[u8]) -> &[u8] {
    let line = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Bytes of the longest input: a snapshot of some ten thousand guards.
const MAX_BYTES: usize = 8 * 1024 * 1024;
