//! An outbox of files, one for each mail. Replace it by your mail server's client, such as the crate `lettre`.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// A folder of mails.
#[derive(Debug, Clone)]
pub(crate) struct Outbox {
    folder: PathBuf,
    next: Arc<AtomicU64>,
}

impl Outbox {
    /// Creates the folder. Mails are numbered from the current second on, so that a restart replaces none.
    pub(crate) fn open(folder: PathBuf) -> std::io::Result<Self> {
        std::fs::create_dir_all(&folder)?;
        let second = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
        Ok(Self { folder, next: Arc::new(AtomicU64::new(second.saturating_mul(1_000_000))) })
    }

    /// Writes a mail. A reader of the folder finds it complete or not at all.
    pub(crate) async fn send(&self, recipient: &str, subject: &str, text: &str) -> std::io::Result<()> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (draft, mail) = (format!("{number}.draft"), format!("{number}.eml"));
        let content = format!("To: {recipient}\nSubject: {subject}\n\n{text}");
        tokio::fs::write(self.folder.join(&draft), content).await?;
        tokio::fs::rename(self.folder.join(draft), self.folder.join(mail)).await
    }
}
