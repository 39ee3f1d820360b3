//! The files of a corpus, and mutations of them by a generator with a fixed seed.

use std::fs;
use std::path::Path;

/// Returns the inputs of a corpus, sorted by their names.
pub(crate) fn of(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let files = fs::read_dir(folder).expect("a corpus").map(|file| file.expect("a file").path());
    let name = |path: &Path| path.file_name().expect("a file").to_string_lossy().into_owned();
    let mut inputs: Vec<_> = files.map(|path| (name(&path), fs::read(&path).expect("a file"))).collect();
    inputs.sort();
    inputs
}

/// Returns the strings of `words.dict`, which libFuzzer reads too.
fn words() -> Vec<Vec<u8>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("words.dict");
    let text = fs::read_to_string(file).expect("a dictionary");
    let quoted = text.lines().filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'));
    quoted.map(unescaped).collect()
}

/// Decodes `\\`, `\"` and `\xAB`.
fn unescaped(text: &str) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::new(), text);
    while let Some(position) = rest.find('\\') {
        bytes.extend(rest[..position].bytes());
        rest = &rest[position + 1..];
        let length = if rest.starts_with('x') { 3 } else { 1 };
        bytes.push(if length == 3 {
            u8::from_str_radix(&rest[1..3], 16).expect("two digits")
        } else {
            rest.as_bytes()[0]
        });
        rest = &rest[length..];
    }
    bytes.extend(rest.bytes());
    bytes
}

/// Changes inputs at random.
pub(crate) struct Mutator {
    /// The state of xorshift64.
    state: u64,
    words: Vec<Vec<u8>>,
}

impl Mutator {
    pub(crate) fn new() -> Self {
        Self { state: 0x9e37_79b9_7f4a_7c15, words: words() }
    }

    /// Returns a number below `limit`, which is not zero.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state % u64::try_from(limit).expect("64 bits")).expect("below a usize")
    }

    /// Applies one to four changes to an input, some of which take a part of another.
    pub(crate) fn mutate(&mut self, input: &[u8], other: &[u8]) -> Vec<u8> {
        let mut bytes = input.to_vec();
        for _ in 0..=self.below(4) {
            let from = self.below(bytes.len() + 1);
            let to = (from + self.below(12)).min(bytes.len());
            let replacement = match self.below(7) {
                0 => Vec::new(),
                1 => vec![u8::try_from(self.below(256)).expect("a byte")],
                2 => bytes[from..to].repeat(2),
                3 => bytes[from..to].iter().map(|byte| byte ^ (1 << self.below(8))).collect(),
                4 => other[self.below(other.len() + 1)..].iter().copied().take(1 + self.below(40)).collect(),
                5 => (0..=self.below(3))
                    .map(|_| b'0' + u8::try_from(self.below(10)).expect("a digit"))
                    .collect(),
                _ => {
                    let word = self.below(self.words.len());
                    self.words[word].clone()
                }
            };
            let is_insertion = self.below(2) == 0;
            bytes.splice(from..if is_insertion { from } else { to }, replacement);
        }
        bytes
    }
}
