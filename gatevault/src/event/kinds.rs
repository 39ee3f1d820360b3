//! The kinds of changes, operations and faults in the details of decisions.

/// A change of a [`KeyRing`](crate::KeyRing).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyRingChange {
    /// A key was added, and verifies.
    Added,
    /// A key became the one that signs.
    Promoted,
    /// A key was retired: it verifies until the last token that it signed has expired.
    Retired,
    /// A key was removed: its tokens are refused.
    Removed,
}

/// An operation that needs a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreOperation {
    /// The session store failed. The login, refresh or logout is denied.
    Session,
    /// The user store failed. The login or refresh is denied.
    FindUser,
    /// The user store did not add a user. The registration is denied.
    AddUser,
    /// The user store does not find the user that it has added. The registration is denied.
    FindAddedUser,
    /// The user store did not change a password. The change is denied.
    ChangePassword,
    /// The user store did not replace an outdated hash. The login succeeds.
    ReplaceHash,
    /// The attempt store failed. The login is denied.
    CountAttempt,
    /// The attempt store failed. The login is allowed without throttling.
    CountAttemptAllowed,
    /// The outcome of an attempt was not recorded: the attempt stays counted.
    RecordOutcome,
}

/// A fault of a request that is refused before its credentials are verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestFault {
    /// A request with the refresh cookie has no valid CSRF token.
    CsrfToken,
    /// A form of a page has no valid CSRF token.
    FormCsrfToken,
    /// A request that only the navigation of a tab may send is none.
    NoNavigation,
    /// A page of another host requests a page.
    PageOfAnotherHost,
    /// A page of another site sends a request with cookies.
    CrossSite,
    /// A page of another host of the site sends a login that is not JSON.
    FormOfAnotherHost,
    /// The `Origin` is not the host of the request.
    AnotherOrigin,
    /// A logout has more refresh cookies than are verified.
    TooManyCookies,
    /// The body or the query is malformed.
    Malformed,
    /// A request of an OAuth2 client is malformed, or its client credentials are refused.
    OAuth2,
}

impl KeyRingChange {
    /// Returns the name, such as `promoted`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Promoted => "promoted",
            Self::Retired => "retired",
            Self::Removed => "removed",
        }
    }
}

impl StoreOperation {
    /// Returns the name, such as `find_user`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::FindUser => "find_user",
            Self::AddUser => "add_user",
            Self::FindAddedUser => "find_added_user",
            Self::ChangePassword => "change_password",
            Self::ReplaceHash => "replace_hash",
            Self::CountAttempt => "count_attempt",
            Self::CountAttemptAllowed => "count_attempt_allowed",
            Self::RecordOutcome => "record_outcome",
        }
    }
}

impl RequestFault {
    /// Returns the name, such as `csrf_token`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CsrfToken => "csrf_token",
            Self::FormCsrfToken => "form_csrf_token",
            Self::NoNavigation => "no_navigation",
            Self::PageOfAnotherHost => "page_of_another_host",
            Self::CrossSite => "cross_site",
            Self::FormOfAnotherHost => "form_of_another_host",
            Self::AnotherOrigin => "another_origin",
            Self::TooManyCookies => "too_many_cookies",
            Self::Malformed => "malformed",
            Self::OAuth2 => "oauth2",
        }
    }
}
