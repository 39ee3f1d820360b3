//! E-mail addresses: the spelling that lookups compare, and the addresses that may be registered.

/// Returns the canonical spelling of an address, by which accounts are stored, found and counted by the throttle. It accepts any
/// string: a login with a string that is no address is a login with an unknown name.
///
/// Only the case of ASCII letters makes no difference. A folding of Unicode would turn other characters into ASCII, such as the
/// Kelvin sign into `k`, and find the account of another person.
pub(crate) fn canonical(address: &str) -> String {
    address.trim_matches(' ').to_ascii_lowercase()
}

/// Returns the canonical spelling of an address to which mail can be sent, or `None`.
///
/// Only ASCII is accepted, so no two addresses look alike by their scripts; a domain of other letters is registered in its form
/// with `xn--`. No header of a mail can be injected, because blanks and control characters are refused.
pub(crate) fn parse(typed: &str) -> Option<String> {
    let address = canonical(typed);
    let (local, domain) = address.split_once('@')?;
    // RFC 5322 section 3.2.3 (`dot-atom`), and the lengths of RFC 5321 section 4.5.3.1.
    let is_local = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    let is_label = |label: &str| {
        let is_inside = label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        (1..=63).contains(&label.len()) && is_inside && !label.starts_with('-') && !label.ends_with('-')
    };
    let is_sendable = local.len() <= 64
        && address.len() <= 254
        && local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_local))
        && domain.contains('.')
        && domain.split('.').all(is_label);
    is_sendable.then_some(address)
}
