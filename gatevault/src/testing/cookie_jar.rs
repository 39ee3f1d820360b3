//! The cookies of a test's browser (RFC 6265bis), for one host over https.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The cookies that one browser keeps for the application.
#[derive(Debug, Default)]
pub(super) struct CookieJar(Vec<Cookie>);

struct Cookie {
    name: String,
    value: String,
    path: String,
    /// `None` until the browser closes.
    expires_at: Option<SystemTime>,
}

impl CookieJar {
    /// Applies a `Set-Cookie` header of a response to a request for `path`. Returns the name and the value of the cookie, which
    /// is `None` if the header deletes it. Ignores a header that a browser ignores.
    pub(super) fn apply(
        &mut self,
        header: &str,
        path: &str,
        now: SystemTime,
    ) -> Option<(String, Option<String>)> {
        let mut parts = header.split(';').map(str::trim);
        let (name, value) = parts.next()?.split_once('=')?;
        let (name, value) = (name.trim().to_owned(), value.trim().to_owned());
        let attributes = Attributes::parse(parts, path, now);
        if !attributes.allow(&name) || name.len().saturating_add(value.len()) > MOST_BYTES {
            return None;
        }
        let Attributes { path, expires_at, .. } = attributes;
        self.0.retain(|cookie| cookie.name != name || cookie.path != path);
        if expires_at.is_some_and(|time| time <= now) {
            return Some((name, None));
        }
        self.0.push(Cookie { name: name.clone(), value: value.clone(), path, expires_at });
        Some((name, Some(value)))
    }

    /// Returns the `Cookie` header of a request, or `None` if no cookie is sent to its path. Longer paths come first.
    pub(super) fn header(&self, path: &str, now: SystemTime) -> Option<String> {
        let mut sent: Vec<_> =
            self.0.iter().filter(|cookie| cookie.is_fresh(now) && matches(&cookie.path, path)).collect();
        sent.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs: Vec<_> = sent.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Returns the value of the cookie with this name.
    pub(super) fn get(&self, name: &str, now: SystemTime) -> Option<&str> {
        let found = self.0.iter().find(|cookie| cookie.name == name && cookie.is_fresh(now));
        found.map(|cookie| cookie.value.as_str())
    }

    /// Returns the values of all cookies.
    pub(super) fn values(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|cookie| cookie.value.as_str())
    }
}

impl Cookie {
    fn is_fresh(&self, now: SystemTime) -> bool {
        self.expires_at.is_none_or(|time| now < time)
    }
}

/// The most bytes of a name and a value that browsers keep (section 5.7).
const MOST_BYTES: usize = 4_096;

/// The attributes of a `Set-Cookie` header that decide about a cookie.
struct Attributes {
    path: String,
    expires_at: Option<SystemTime>,
    is_secure: bool,
    is_of_every_site: bool,
    domain: Option<String>,
}

impl Attributes {
    fn parse<'h>(parts: impl Iterator<Item = &'h str>, request_path: &str, now: SystemTime) -> Self {
        let path = default_path(request_path);
        let mut attributes =
            Self { path, expires_at: None, is_secure: false, is_of_every_site: false, domain: None };
        let mut has_max_age = false;
        for part in parts {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            match name.trim().to_ascii_lowercase().as_str() {
                "path" if value.starts_with('/') => value.clone_into(&mut attributes.path),
                "secure" => attributes.is_secure = true,
                "samesite" => attributes.is_of_every_site = value.eq_ignore_ascii_case("none"),
                "domain" => attributes.domain = Some(value.trim_start_matches('.').to_ascii_lowercase()),
                "max-age" => {
                    let Ok(seconds) = value.parse::<i64>() else { continue };
                    let age = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
                    (attributes.expires_at, has_max_age) = (now.checked_add(age), true);
                }
                "expires" if !has_max_age => attributes.expires_at = date(value),
                _ => {}
            }
        }
        attributes
    }

    /// Returns whether a browser accepts a cookie with these attributes and this name.
    fn allow(&self, name: &str) -> bool {
        let domain = self.domain.as_deref().filter(|domain| !domain.is_empty());
        let is_own = domain.is_none_or(|domain| domain == super::request::HOST);
        let is_host_only = self.is_secure && self.path == "/" && domain.is_none();
        is_own
            && (self.is_secure || !self.is_of_every_site)
            && (!name.starts_with("__Host-") || is_host_only)
            && (!name.starts_with("__Secure-") || self.is_secure)
    }
}

/// Returns the path of a cookie without the attribute: the directory of the request (section 5.1.4).
fn default_path(request_path: &str) -> String {
    match request_path.rsplit_once('/') {
        Some((directory, _)) if !directory.is_empty() => directory.to_owned(),
        _ => "/".to_owned(),
    }
}

/// Returns whether a cookie of this path is sent with a request (section 5.1.4).
fn matches(cookie: &str, request: &str) -> bool {
    let rest = request.strip_prefix(cookie);
    rest.is_some_and(|rest| rest.is_empty() || cookie.ends_with('/') || rest.starts_with('/'))
}

/// Parses a date such as `Sun, 06 Nov 1994 08:49:37 GMT`. A date before 1970 is the beginning of 1970.
fn date(value: &str) -> Option<SystemTime> {
    let parts: Vec<_> = value.split([' ', '-', ':', ',']).filter(|part| !part.is_empty()).collect();
    let [_, day, month, year, hours, minutes, seconds, ..] = parts.as_slice() else { return None };
    let month = MONTHS.iter().position(|name| name.eq_ignore_ascii_case(month))?;
    let (day, year): (u64, u64) = (day.parse().ok()?, year.parse().ok()?);
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let leap_days = |year: u64| (year / 4).saturating_sub(year / 100).saturating_add(year / 400);
    let days = year
        .saturating_sub(1970)
        .saturating_mul(365)
        .saturating_add(leap_days(year.saturating_sub(1)).saturating_sub(leap_days(1969)))
        .saturating_add(*DAYS_BEFORE.get(month)?)
        .saturating_add(u64::from(is_leap && month > 1))
        .saturating_add(day.saturating_sub(1));
    let sum = |sum: u64, (part, unit): (&&str, u64)| {
        Some(sum.saturating_add(part.parse::<u64>().ok()?.saturating_mul(unit)))
    };
    let times = [(hours, 3_600), (minutes, 60), (seconds, 1)];
    let seconds = times.into_iter().try_fold(days.saturating_mul(86_400), sum)?;
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The number of days of a year before each month, without a leap day.
const DAYS_BEFORE: [u64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

impl std::fmt::Debug for Cookie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cookie").field("name", &self.name).field("path", &self.path).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> SystemTime {
        UNIX_EPOCH.checked_add(Duration::from_hours(500_000)).unwrap()
    }

    fn jar(headers: &[&str]) -> CookieJar {
        let mut jar = CookieJar::default();
        for header in headers {
            jar.apply(header, "/shop/cart", now());
        }
        jar
    }

    #[test]
    fn a_cookie_is_sent_to_its_path_and_below_it() {
        let jar = jar(&["a=1", "b=2; Path=/", "c=3; Path=/auth"]);
        for (path, sent) in [
            ("/", "b=2"),
            ("/shop", "a=1; b=2"),
            ("/shop/x", "a=1; b=2"),
            ("/shopping", "b=2"),
            ("/auth/refresh", "c=3; b=2"),
        ] {
            assert_eq!(jar.header(path, now()).as_deref(), Some(sent), "{path}");
        }
    }

    #[test]
    fn a_cookie_that_a_browser_refuses_is_not_kept() {
        for header in [
            "__Host-a=1; Path=/",
            "__Host-a=1; Secure; Path=/auth",
            "__Host-a=1; Secure; Path=/; Domain=localhost",
            "__Secure-a=1; Path=/",
            "a=1; Domain=other.example",
            "a=1; Path=/; SameSite=None",
            "no pair",
        ] {
            assert_eq!(jar(&[header]).header("/auth", now()), None, "{header}");
        }
        for header in [
            "__Host-a=1; secure; path=/",
            "__Secure-a=1; Secure; Path=/auth",
            "a=1; Path=/; Domain=.Localhost",
            "a=1; Path=/; SameSite=None; Secure",
        ] {
            assert!(jar(&[header]).header("/auth", now()).is_some(), "{header}");
        }
    }

    #[test]
    fn a_cookie_that_is_too_large_is_not_kept() {
        for (length, is_kept) in [(MOST_BYTES - 1, true), (MOST_BYTES, false)] {
            let jar = jar(&[&format!("a={}; Path=/", "x".repeat(length))]);
            assert_eq!(jar.get("a", now()).is_some(), is_kept, "{length}");
        }
    }

    #[test]
    fn a_cookie_ends_at_its_time_and_its_deletion() {
        let kept = jar(&["a=1; Path=/; Max-Age=60"]);
        assert_eq!(kept.get("a", now() + Duration::from_secs(59)), Some("1"));
        assert_eq!(kept.get("a", now() + Duration::from_mins(1)), None);
        for header in [
            "a=; Path=/; Max-Age=0",
            "a=; Path=/; Max-Age=-1; Expires=Fri, 31 Dec 9999 23:59:59 GMT",
            "a=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "a=; Path=/; Expires=Thu, 01-Jan-1970 00:00:00 GMT",
        ] {
            assert_eq!(jar(&["a=1; Path=/", header]).get("a", now()), None, "{header}");
        }
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (text, seconds) in [
            ("Thu, 01 Jan 1970 00:00:01 GMT", 1),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
            ("Tue, 29 Feb 2000 12:00:00 GMT", 951_825_600),
            ("Wed, 01 Mar 2000 00:00:00 GMT", 951_868_800),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
        ] {
            assert_eq!(date(text), Some(UNIX_EPOCH + Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(date("tomorrow"), None);
    }
}
