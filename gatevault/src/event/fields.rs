//! The fields of an event, in one list: its forms as a line and as a map are made from it.

use std::net::IpAddr;
use std::time::Duration;

use super::{Decision, Event, FunctionPath};
use crate::user_id::UserId;

/// The value of a field.
#[derive(Debug, Clone, Copy)]
pub(super) enum FieldValue<'e> {
    /// A name that this library or the guarded program chose.
    Name(&'static str),
    Function(FunctionPath),
    /// Text that may come from outside.
    Text(&'e str),
    List(&'e [String]),
    User(&'e UserId),
    Address(IpAddr),
    Number(u64),
    Boolean(bool),
}

/// A field: its name and its value.
pub(super) type Field<'e> = (&'static str, FieldValue<'e>);

impl Event {
    /// Returns the known fields: those that all decisions have, and the details of this one.
    pub(super) fn fields(&self) -> Vec<Field<'_>> {
        let function = self.function.map(|path| ("function", FieldValue::Function(path)));
        let user = self.user.as_ref().map(|id| ("user", FieldValue::User(id)));
        let token = self.token_id.as_deref().map(|id| ("token_id", FieldValue::Text(id)));
        let session = self.session_id.as_deref().map(|id| ("session_id", FieldValue::Text(id)));
        let issuer = self.issuer.as_deref().map(|name| ("issuer", FieldValue::Text(name)));
        let address = self.address.map(|address| ("address", FieldValue::Address(address)));
        let shared = [function, user, token, session, issuer, address];
        shared.into_iter().flatten().chain(self.decision.details()).collect()
    }
}

impl Decision {
    /// Returns the details.
    fn details(&self) -> Vec<Field<'_>> {
        use FieldValue::{Boolean, List, Name, Number, Text};
        match self {
            Self::Denied { status, denial, reason } => with_reason(
                vec![("status", Number(u64::from(*status))), ("denial", Text(denial))],
                reason.as_ref(),
            ),
            Self::Throttled { retry_after } => vec![("retry_after", seconds(*retry_after))],
            Self::SessionBegun { amr } => vec![("amr", List(amr))],
            Self::KeyRefused { reason } => vec![("reason", Name(reason))],
            Self::RefreshRefused { denial, reason } | Self::StepUpRefused { denial, reason } => {
                with_reason(vec![("denial", Text(denial))], reason.as_ref())
            }
            Self::SessionNotActive { outcome } => vec![("outcome", Text(outcome))],
            Self::SessionsEnded { sessions } | Self::SessionLimitReached { sessions } => {
                vec![("sessions", Number(u64::try_from(*sessions).unwrap_or(u64::MAX)))]
            }
            Self::Revoked { kind, is_stored } => {
                vec![("kind", Name(kind)), ("is_stored", Boolean(*is_stored))]
            }
            Self::NewPasswordRefused { reason } => vec![("reason", Text(reason))],
            Self::KeyNotCreated { reason } => with_reason(Vec::new(), reason.as_ref()),
            Self::PurposeRedeemed { purpose } => vec![("purpose", Name(purpose))],
            Self::PurposeRefused { purpose, denial, reason } => {
                with_reason(vec![("purpose", Name(purpose)), ("denial", Text(denial))], reason.as_ref())
            }
            Self::RequestRefused { fault, path, origin, host, reason } => {
                let texts = [("path", path), ("origin", origin), ("host", host), ("reason", reason)];
                let known = texts.into_iter().filter_map(|(name, text)| Some((name, Text(text.as_deref()?))));
                [("fault", Name(fault.name()))].into_iter().chain(known).collect()
            }
            Self::KeyRingChanged { change, key } => vec![("change", Name(change.name())), ("key", Text(key))],
            Self::RemoteKeysChanged { source, keys, skipped } => {
                vec![("source", Text(source)), ("keys", List(keys)), ("skipped", List(skipped))]
            }
            Self::RemoteKeysFailed { source, url, reason, retry } => vec![
                ("source", Text(source)),
                ("url", Text(url)),
                ("reason", Text(reason)),
                ("retry", seconds(*retry)),
            ],
            Self::StoreFailed { operation, error } => {
                vec![("operation", Name(operation.name())), ("error", Text(error))]
            }
            Self::SigningFailed { error }
            | Self::PasswordNotVerified { error }
            | Self::PasswordNotHashed { error } => {
                vec![("error", Text(error))]
            }
            Self::CleaningFailed { error, retry_in } => {
                vec![("error", Text(error)), ("retry_in", seconds(*retry_in))]
            }
            Self::FeedUnreachable { error, since, denies } => {
                let since = since.map(|since| ("since", Number(since)));
                [Some(("error", Text(error))), since, Some(("denies", Boolean(*denies)))]
                    .into_iter()
                    .flatten()
                    .collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Adds the reason, if it is known.
fn with_reason<'e>(mut details: Vec<Field<'e>>, reason: Option<&'e String>) -> Vec<Field<'e>> {
    details.extend(reason.map(|reason| ("reason", FieldValue::Text(reason))));
    details
}

fn seconds(duration: Duration) -> FieldValue<'static> {
    FieldValue::Number(duration.as_secs())
}
