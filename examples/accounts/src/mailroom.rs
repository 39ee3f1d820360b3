//! The mails, and the worker that writes them after the response to their request.

use gatevault::error::BoxError;
use gatevault::{UserId, UserStore as _};
use tokio::sync::mpsc;

use crate::accounts::Account;
use crate::links::{self, MAGIC_LINK, REGISTER, RESET};
use crate::{App, AppError, mail_counts};

/// What a visitor has asked for. Which mail they get depends on whether there is an account.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Letter {
    Register,
    Reset,
    MagicLink,
}

/// A canonical address to which mail can be sent.
#[derive(Debug)]
pub(crate) struct Recipient(pub(crate) String);

/// The queue of letters to write. It is in memory: a letter that is lost with the process is asked for again.
#[derive(Debug, Clone)]
pub(crate) struct Mailroom {
    queue: mpsc::Sender<(Letter, Recipient)>,
}

/// The other end of the queue.
pub(crate) type Letters = mpsc::Receiver<(Letter, Recipient)>;

impl Mailroom {
    /// Creates the queue. It has an end, so that a storm of requests costs no more memory.
    pub(crate) fn new() -> (Self, Letters) {
        let (queue, letters) = mpsc::channel(1000);
        (Self { queue }, letters)
    }

    pub(crate) fn send(&self, letter: Letter, recipient: Recipient) -> Result<(), AppError> {
        let queued = self.queue.try_send((letter, recipient));
        queued.map_err(|full| gatevault::GuardError::unavailable(full.to_string()).into())
    }
}

/// Writes letters until the application ends.
pub(crate) async fn work(app: App, mut letters: Letters) {
    while let Some((letter, recipient)) = letters.recv().await {
        if let Err(error) = write(&app, letter, &recipient.0).await {
            tracing::error!(%error, ?letter, "a mail was not written");
        }
    }
}

async fn write(app: &App, letter: Letter, address: &str) -> Result<(), BoxError> {
    if !mail_counts::count_recipient(&app.users.db, address).await? {
        return Ok(()); // the mails of this hour are in the mailbox already
    }
    let account = app.users.find_by_name(address).await?;
    let Some((subject, text)) = compose(app, letter, address, account.as_ref())? else { return Ok(()) };
    Ok(app.outbox.send(address, subject, &text).await?)
}

/// Returns subject and text of a mail, or `None` if there is nothing to write: strangers get no mail about accounts that they
/// do not have.
fn compose(
    app: &App,
    letter: Letter,
    address: &str,
    account: Option<&Account>,
) -> Result<Option<(&'static str, String)>, BoxError> {
    Ok(match (letter, account) {
        (Letter::Register, None) => {
            let token = app.tokens.create_purpose_token(&REGISTER, &UserId::from(address), "")?;
            Some(("Choose a password", link(app, "register", &token)))
        }
        (Letter::Register, Some(_)) => {
            Some(("You have an account already", "Log in, or ask for a new password.\n".to_owned()))
        }
        (Letter::Reset, Some(account)) => {
            Some(("Choose a new password", link(app, "reset", &links::create(app, &RESET, account)?)))
        }
        (Letter::MagicLink, Some(account)) => {
            let token = links::create(app, &MAGIC_LINK, account)?;
            Some(("Your link to log in", link(app, "magic-link", &token)))
        }
        (Letter::Reset | Letter::MagicLink, None) => None,
    })
}

/// Returns the text of a mail with a link. The host is that of the settings: a request can name any.
fn link(app: &App, action: &str, token: &str) -> String {
    // Browsers send the fragment to no server, so no log of a server or proxy contains the token.
    format!("{}/link#{action}={token}\n\nIf you have not asked for it, ignore this mail.\n", app.public_url)
}
