//! The names of one object, to find one that is repeated, without an allocation.

/// Names that were there.
#[derive(Default)]
pub(super) struct Names<'t> {
    seen: [&'t str; MOST],
    count: usize,
    /// A bit for each, by which most are known to be new.
    marks: u64,
}

impl<'t> Names<'t> {
    /// Adds a name; `None` when it was there, or there are more than are kept.
    pub(super) fn add(&mut self, name: &'t str) -> Option<()> {
        let mark = mark(name);
        if self.marks & mark != 0 && self.seen.get(..self.count)?.contains(&name) {
            return None;
        }
        *self.seen.get_mut(self.count)? = name;
        self.count = self.count.saturating_add(1);
        self.marks |= mark;
        Some(())
    }
}

/// One of 64 bits, the same for the same name.
fn mark(name: &str) -> u64 {
    let (first, last) = (name.as_bytes().first().copied(), name.as_bytes().last().copied());
    1_u64.rotate_left(u32::from(first.unwrap_or_default() ^ last.unwrap_or_default().rotate_left(2)))
}

const MOST: usize = 16;
