//! Random scripts, and the shortest form of one that fails.

/// A generator of pseudorandom numbers (`SplitMix64`).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// Creates a generator. Equal seeds have equal numbers.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// Returns one of the characters. One that occurs more often is more probable.
    fn one_of(&mut self, characters: &str) -> char {
        let count = u64::try_from(characters.len()).expect("short");
        let index = usize::try_from(self.next() % count).expect("below the length");
        characters.as_bytes()[index].into()
    }
}

/// Returns a script of so many lines, or a few more, which begins with a session.
#[must_use]
pub fn random_script(random: &mut Random, lines: usize) -> Vec<String> {
    let mut script = vec![operation(random, 'o', None)];
    while script.len() < lines {
        let session = random.one_of("00011");
        match random.one_of("ooooooooorrrrrrrrrrrrrrrssssvvvnnptttttttxg||||||+++++--") {
            '|' => {
                let (one, other) = (random.one_of("rrrrssvvp"), random.one_of("rrrrssvvp"));
                let one = operation(random, one, Some(session));
                script.push(format!("{one}|{}", operation(random, other, Some(session))));
            }
            '+' => script.extend(course(random, &GRACES, session)),
            '-' => script.extend(course(random, &ENDS, session)),
            letter => script.push(operation(random, letter, None)),
        }
    }
    script
}

/// Returns one of the courses, for a session.
fn course(random: &mut Random, courses: &[&str], session: char) -> Vec<String> {
    let number = random.next() % u64::try_from(courses.len()).expect("few");
    let course = courses[usize::try_from(number).expect("below the length")];
    course.split(' ').map(|line| line.replace('*', &session.to_string())).collect()
}

/// Courses of events that independent operations seldom have, because their times must fit: a previous token just below the grace, at
/// its end, and above it; a later rotation, which begins a new grace; a repeated step-up, which does not; an older token; a limit; a login
/// with a new security stamp, which an older session gets. The asterisk is a session.
const GRACES: [&str; 8] = [
    "r*001 t2 r*103",
    "r*001 t3 r*103",
    "r*001 t4 r*103",
    "r*001 t3 r*001 t2 r*103",
    "s*00 t2 s*001 t1 r*103",
    "r*001 r*001 r*203",
    "o0 t1 o0 t1 o001",
    "o0 o00011 r101",
];

/// Courses at the limits of longer times: a session that was revoked an hour ago, or less; revocations at the end of the time for which
/// they are kept, and that of a token that lives longer; a spent token that may be forgotten; a token and a session that expire.
const ENDS: [&str; 7] = [
    "v0*3 t5 r*001",
    "v0*3 t6 x r*001",
    "n20*1 t8 x",
    "v1*3 t8 x",
    "p0 t7 t6 t3 x p0",
    "o00000005 s000 t5 t1 s000",
    "o000003 r000 t3 r001",
];

/// Returns an operation with random digits, on this session if there is one.
fn operation(random: &mut Random, letter: char, session: Option<char>) -> String {
    let stamps = "000000000000000000000000000112";
    // Of most sessions, the times are those of the requests.
    let times = "00000000013456789";
    let sessions = session.map_or_else(|| "0000000111122234".to_owned(), String::from);
    let digits: &[&str] = match letter {
        'o' => &["00000012", "0000001", "0000111233", stamps, "0000000012", times, times, times, "01234567"],
        'r' => &[&sessions, "00000000000011111122223", stamps, "1133334468", "000000000000000000000000001"],
        's' => &[&sessions, stamps, "0000000000001", "00000001"],
        'v' => &["0000000122333", &sessions, "33333333333333012", stamps],
        'n' => &["00123", "012", "0123", "01"],
        'p' => &["01"],
        't' => &["1111111222333333444556667789"],
        _ => &[],
    };
    let mut operation = letter.to_string();
    operation.extend(digits.iter().map(|characters| random.one_of(characters)));
    operation
}

/// Returns the shortest script that still fails: drops lines, then one of two requests at once, then digits.
pub async fn shortest(mut script: Vec<String>, mut fails: impl AsyncFnMut(&[String]) -> bool) -> Vec<String> {
    let mut length = script.len().div_ceil(2);
    while length > 0 {
        let mut start = 0;
        while start < script.len() {
            let mut shorter = script.clone();
            shorter.drain(start..(start + length).min(script.len()));
            if fails(&shorter).await {
                script = shorter;
            } else {
                start += length;
            }
        }
        length /= 2;
    }
    for index in 0..script.len() {
        while let Some(simpler) = simplest(&script, index, &mut fails).await {
            script[index] = simpler;
        }
    }
    script
}

/// Returns a simpler form of a line with which the script still fails.
async fn simplest(
    script: &[String],
    index: usize,
    fails: &mut impl AsyncFnMut(&[String]) -> bool,
) -> Option<String> {
    for simpler in simpler_forms(&script[index]) {
        let mut changed = script.to_vec();
        changed[index].clone_from(&simpler);
        if fails(&changed).await {
            return Some(simpler);
        }
    }
    None
}

/// Returns the forms of a line without one of its two requests, without its last digit, and with a zero for another digit.
fn simpler_forms(line: &str) -> Vec<String> {
    let mut forms: Vec<_> = line.split('|').filter(|one| *one != line).map(str::to_owned).collect();
    if line.len() > 1 && !line.ends_with('|') {
        forms.push(line[..line.len() - 1].to_owned());
    }
    let digits = line.char_indices().filter(|(_, digit)| ('1'..='9').contains(digit));
    forms.extend(digits.map(|(index, _)| format!("{}0{}", &line[..index], &line[index + 1..])));
    forms
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::{Random, random_script, shortest};

    #[test]
    fn equal_seeds_have_equal_scripts_and_others_have_others() {
        let script = |seed| random_script(&mut Random::new(seed), 50);
        assert_eq!(script(1), script(1));
        assert_ne!(script(1), script(2));
        let scripts: Vec<_> = (0..40).flat_map(script).collect();
        for letter in "orsvnptxg|".chars() {
            assert!(scripts.iter().filter(|line| line.contains(letter)).count() > 20, "{letter}");
        }
    }

    #[test]
    fn a_script_is_shortened_to_the_lines_and_digits_that_fail() {
        let mut random = Random::new(1);
        let mut script = random_script(&mut random, 30);
        script.extend(["t35".to_owned(), "o0".to_owned(), "s1000|p12".to_owned()]);
        script.extend(random_script(&mut random, 30));
        let fails = async |script: &[String]| {
            let spent = script.iter().position(|line| line.contains("p1"));
            spent.is_some_and(|at| script[..at].iter().any(|line| line.contains("t3")))
        };
        let mut shortened = pin!(shortest(script, fails));
        let Poll::Ready(shortened) = shortened.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("nothing to wait for");
        };
        assert_eq!(shortened, ["t3", "p1"]);
    }
}
