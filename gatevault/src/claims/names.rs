//! Detection of duplicate names in one object, without an allocation.

/// The names that have occurred.
#[derive(Default)]
pub(super) struct Names<'t> {
    seen: [&'t str; MOST],
    count: usize,
    /// A 64-bit Bloom filter, which recognizes most new names without a search.
    filter: u64,
}

impl<'t> Names<'t> {
    /// Adds a name. Returns `None` for a duplicate, or if there are more names than fit.
    pub(super) fn add(&mut self, name: &'t str) -> Option<()> {
        let bit = filter_bit(name);
        if self.filter & bit != 0 && self.seen.get(..self.count)?.contains(&name) {
            return None;
        }
        *self.seen.get_mut(self.count)? = name;
        self.count = self.count.saturating_add(1);
        self.filter |= bit;
        Some(())
    }
}

/// Returns one of 64 bits, from the first and the last byte of the name.
fn filter_bit(name: &str) -> u64 {
    let (first, last) = (name.as_bytes().first().copied(), name.as_bytes().last().copied());
    1_u64.rotate_left(u32::from(first.unwrap_or_default() ^ last.unwrap_or_default().rotate_left(2)))
}

const MOST: usize = 16;
