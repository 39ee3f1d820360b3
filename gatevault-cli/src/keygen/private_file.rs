//! New files for private keys.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use crate::answer::Failure;

/// Creates a file that only its owner can read, and writes `text` to it. An existing file is never changed.
pub(super) fn create(path: &Path, text: &str) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let end = if text.ends_with('\n') { "" } else { "\n" };
    let written = options.open(path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.write_all(end.as_bytes())?;
        file.sync_all()
    });
    written.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            let name = path.display();
            Failure::new(format!("{name} exists and is not overwritten: move it away, or name another file"))
        }
        _ => Failure::of(path.display(), &error),
    })
}
