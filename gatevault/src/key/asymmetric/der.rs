//! As much of DER (X.690) as it takes to see what a key is.

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
/// `[0]`, holding an element: the version of a certificate, the curve of an EC private key.
pub(super) const CONTEXT_0: u8 = 0xa0;

/// Elements that are yet to be read.
#[derive(Clone, Copy)]
pub(super) struct Elements<'d>(&'d [u8]);

impl<'d> Elements<'d> {
    pub(super) fn new(encoding: &'d [u8]) -> Self {
        Self(encoding)
    }

    /// The elements of a sequence that is all there is.
    pub(super) fn of_sequence(encoding: &'d [u8]) -> Option<Self> {
        let mut all = Self(encoding);
        all.sequence().filter(|_| all.is_empty())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The contents of the next element, if it has this tag; nothing is read otherwise.
    pub(super) fn take(&mut self, tag: u8) -> Option<&'d [u8]> {
        let rest = self.0.strip_prefix(&[tag])?;
        let (length, rest) = length(rest)?;
        let (contents, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(contents)
    }

    pub(super) fn sequence(&mut self) -> Option<Self> {
        self.take(SEQUENCE).map(Self)
    }

    /// The bits of the next element, which keys have in whole bytes.
    pub(super) fn bits(&mut self) -> Option<&'d [u8]> {
        self.take(BIT_STRING)?.strip_prefix(&[0])
    }

    /// The bytes of a number that is not negative, the first of them not zero.
    pub(super) fn unsigned(&mut self) -> Option<&'d [u8]> {
        let number = self.take(INTEGER)?;
        let is_negative = number.first().is_none_or(|first| first & 0x80 != 0);
        (!is_negative).then(|| without_leading_zeros(number))
    }

    /// The next element as it is encoded, tag and all, if it is a sequence.
    pub(super) fn whole_sequence(&mut self) -> Option<&'d [u8]> {
        let before = self.0;
        self.take(SEQUENCE)?;
        before.get(..before.len().checked_sub(self.0.len())?)
    }
}

pub(super) fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

/// A length, and what comes after it; none of a key takes more than three bytes.
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
