//! A reader for the part of DER (X.690) that is needed to recognize a key.

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
/// `[0]`, constructed: the version of a certificate, or the curve of an EC private key.
pub(super) const CONTEXT_0: u8 = 0xa0;

/// The remaining elements of an encoding.
#[derive(Clone, Copy)]
pub(super) struct Elements<'d>(&'d [u8]);

impl<'d> Elements<'d> {
    /// Starts at the first element of `encoding`.
    pub(super) fn new(encoding: &'d [u8]) -> Self {
        Self(encoding)
    }

    /// Opens a sequence. Returns `None` unless `encoding` is exactly one sequence.
    pub(super) fn of_sequence(encoding: &'d [u8]) -> Option<Self> {
        let mut all = Self(encoding);
        all.sequence().filter(|_| all.is_empty())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether only white space remains.
    pub(super) fn is_blank(&self) -> bool {
        self.0.trim_ascii().is_empty()
    }

    /// Reads the next element and returns its contents. Reads nothing if its tag is not `tag`.
    pub(super) fn take(&mut self, tag: u8) -> Option<&'d [u8]> {
        let rest = self.0.strip_prefix(&[tag])?;
        let (length, rest) = length(rest)?;
        let (contents, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(contents)
    }

    /// Reads the next element, a sequence, and returns its elements.
    pub(super) fn sequence(&mut self) -> Option<Self> {
        self.take(SEQUENCE).map(Self)
    }

    /// Reads the next element, a bit string of whole bytes.
    pub(super) fn bits(&mut self) -> Option<&'d [u8]> {
        self.take(BIT_STRING)?.strip_prefix(&[0])
    }

    /// Reads the next element, an integer that is not negative. Returns its bytes without leading zeros.
    pub(super) fn unsigned(&mut self) -> Option<&'d [u8]> {
        let number = self.take(INTEGER)?;
        let is_negative = number.first().is_none_or(|first| first & 0x80 != 0);
        (!is_negative).then(|| without_leading_zeros(number))
    }

    /// Reads the next element, a sequence, and returns its whole encoding with tag and length.
    pub(super) fn whole_sequence(&mut self) -> Option<&'d [u8]> {
        let before = self.0;
        self.take(SEQUENCE)?;
        before.get(..before.len().checked_sub(self.0.len())?)
    }
}

/// Removes the leading zeros of a big-endian number.
pub(super) fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

/// Reads a length and returns it with the rest of the encoding. Keys need at most three length bytes.
fn length(encoding: &[u8]) -> Option<(usize, &[u8])> {
    let (&first, rest) = encoding.split_first()?;
    if first < 0x80 {
        return Some((usize::from(first), rest));
    }
    let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
    if bytes.is_empty() || bytes.len() > 3 {
        return None;
    }
    Some((bytes.iter().fold(0, |length, byte| (length << 8) | usize::from(*byte)), rest))
}
