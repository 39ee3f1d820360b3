//! Responses: which of them may hold a document, and why others do not.

use ureq::http::header::{CONTENT_ENCODING, HeaderName, LOCATION};
use ureq::http::{Response, StatusCode, Uri};

use super::failure::FetchFailure;
use crate::error::{excerpt, quoted};

/// The use of the caller's headers in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Credentials {
    /// The caller set none.
    None,
    Sent,
    /// The URL is on another origin than the configured one.
    Withheld,
}

/// Rejects a response that is not an uncompressed document.
pub(super) fn check<B>(
    url: &str,
    response: &Response<B>,
    credentials: Credentials,
) -> Result<(), FetchFailure> {
    let status = response.status();
    if status.is_redirection() {
        return Err(FetchFailure::new(url, redirect(url, response)));
    }
    if status != StatusCode::OK {
        let reason = format!("the response has status {status}, expected 200{}", hint(status, credentials));
        return Err(if is_absent(status) {
            FetchFailure::absent(url, reason)
        } else {
            FetchFailure::new(url, reason)
        });
    }
    match text(response, &CONTENT_ENCODING) {
        Some(coding) if !coding.eq_ignore_ascii_case("identity") => {
            let coding = excerpt(&coding);
            let reason = format!(
                "the response is compressed (`Content-Encoding: {coding}`), but the request accepts only `identity`"
            );
            Err(FetchFailure::new(url, reason))
        }
        _ => Ok(()),
    }
}

/// Returns whether a status says that there is no document. Servers answer an unknown path with many client errors, such
/// as 400, 403, 404, 405 and 410. The three exceptions ask for another attempt.
fn is_absent(status: StatusCode) -> bool {
    let is_temporary =
        [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_EARLY, StatusCode::TOO_MANY_REQUESTS].contains(&status);
    status.is_client_error() && !is_temporary
}

/// Describes a redirect. It names only the host of the new location: the rest may hold secrets.
fn redirect<B>(url: &str, response: &Response<B>) -> String {
    let location = text(response, &LOCATION).and_then(|location| location.parse::<Uri>().ok());
    let host = location.as_ref().and_then(Uri::host).map(str::to_owned);
    let host = host.or_else(|| url.parse::<Uri>().ok()?.host().map(str::to_owned)).unwrap_or_default();
    format!(
        "the response has status {}, a redirect to the host {}, and redirects are not followed: configure the URL that \
         answers with status 200",
        response.status(),
        quoted(&host)
    )
}

fn hint(status: StatusCode, credentials: Credentials) -> &'static str {
    let is_refused = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&status);
    if is_refused && credentials == Credentials::Withheld {
        "; the headers of `header(..)` were not sent, because this host is not the configured one: give this URL, or one \
         on its host, to `RemoteKeys::jwks(..)`"
    } else {
        ""
    }
}

fn text<B>(response: &Response<B>, name: &HeaderName) -> Option<String> {
    response.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}
