//! The fuzz target `tgsi` without a fuzzer: the corpus, some thousand inputs made of it, and
//! texts that are as long as they may be.
#![forbid(unsafe_code)]

mod check;

use std::time::{Duration, Instant};

use check::check;
use shader::back::glsl::{self, Extensions, Key, Version};
use shader::front::tgsi::parse;
use shader::limits::{MAX_BODY_BYTES, MAX_DECLARATIONS, MAX_INSTRUCTIONS, MAX_TEXT_BYTES};
use shader::valid::Valid;

/// Inputs made here.
const INPUTS: usize = 3000;
/// Some twenty times what the longest text takes without optimisation. A step for each pair
/// of an instruction and a declaration (two thousand million) would take longer.
const PATIENCE: Duration = Duration::from_secs(20);
/// What a grammar of this kind may stumble over.
const PIECES: [&str; 16] = [
    "-1",
    "0",
    "32767",
    "32768",
    "4294967296",
    "nan",
    "-inf",
    "1e999",
    "[",
    "]",
    "..",
    "\n",
    "ADDR[0].x",
    "(1024)",
    "\u{e9}",
    "_SAT",
];

/// The corpus, and what is not in it, in the order of their names.
fn seeds() -> Vec<String> {
    let crate_root = env!("CARGO_MANIFEST_DIR");
    let folders = ["tests/corpus", "tests/features", "../../fuzz/seeds/tgsi"];
    folders
        .into_iter()
        .flat_map(|folder| texts(&format!("{crate_root}/{folder}")))
        .collect()
}

fn texts(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the inputs are there");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("it can be listed").path())
        .collect();
    paths.sort();
    let read = |path| std::fs::read_to_string(path).expect("it is text");
    paths.into_iter().map(read).collect()
}

#[test]
fn committed_inputs() {
    let seeds = seeds();
    assert!(seeds.len() >= 30, "{} shaders", seeds.len());
    for text in seeds {
        let parsed = parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        Valid::new(parsed.shader).unwrap_or_else(|error| panic!("{error}\n{text}"));
        check(text.as_bytes());
    }
}

/// Mesa's shaders with bytes changed, pieces put in, and lines taken out, doubled, and
/// exchanged for those of other shaders.
#[test]
fn changed_shaders() {
    let seeds = seeds();
    let mut random = Random(7);
    for _ in 0..INPUTS {
        let mut lines = random.excerpt(&seeds);
        for _ in 0..=random.below(3) {
            let other = random.pick(&seeds);
            random.change(&mut lines, other);
        }
        check(lines.join("\n").as_bytes());
    }
}

#[test]
fn the_longest_texts_come_to_an_end() {
    let declarations: String = (0..MAX_DECLARATIONS - 1)
        .map(|number| format!("DCL TEMP[{number}]\n"))
        .collect();
    let start = format!("VERT\n{declarations}DCL OUT[0], POSITION\n");
    let move_last = format!("MOV TEMP[0], TEMP[{}]\n", MAX_DECLARATIONS - 2);
    let count = (MAX_TEXT_BYTES - start.len()) / move_last.len() - 1;
    let longest = format!("{start}{}END\n", move_last.repeat(count));
    let begun = Instant::now();
    let parsed = parse(&longest).expect("it is within the limits");
    Valid::new(parsed.shader).expect("it keeps the rules");
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
}

/// As long a text as fits of one line, after a beginning.
fn repeated(start: &str, line: &str) -> Valid {
    let count = (MAX_TEXT_BYTES - start.len()) / line.len() - 1;
    let text = format!(
        "{start}{}END\n",
        line.repeat(count.min(MAX_INSTRUCTIONS - 1))
    );
    let parsed = parse(&text).expect("it is within the limits");
    Valid::new(parsed.shader).expect("it keeps the rules")
}

/// Each instruction of these may name any of many registers.
#[test]
fn the_longest_shaders_are_written_or_refused_in_time() {
    let images: String = (0..MAX_DECLARATIONS - 5)
        .map(|number| format!("DCL IMAGE[{number}], 2D, PIPE_FORMAT_R32_UINT, WR\n"))
        .collect();
    let shaders = [
        repeated(
            "TESS_CTRL\nPROPERTY TCS_VERTICES_OUT 4\nDCL OUT[][0..120], GENERIC[0]\n\
             DCL TEMP[0]\nDCL ADDR[0]\n",
            "MOV OUT[ADDR[0].x][ADDR[0].x], OUT[ADDR[0].x][ADDR[0].x]\n",
        ),
        repeated(
            &format!("FRAG\nDCL OUT[0], COLOR\n{images}DCL TEMP[0]\nDCL ADDR[0]\n"),
            "LOAD TEMP[0], IMAGE[ADDR[0].x], TEMP[0], 2D, PIPE_FORMAT_R32_UINT\n",
        ),
        repeated(
            "FRAG\nDCL OUT[0..100], COLOR\nDCL TEMP[0]\nIMM[0] UINT32 {0, 0, 0, 0}\n",
            "FBFETCH TEMP[0], OUT[0]\n",
        ),
        repeated(
            "VERT\nDCL OUT[0], POSITION\nDCL TEMP[0..32767]\nDCL ADDR[0]\n",
            "LOG TEMP[ADDR[0].x], TEMP[ADDR[0].x]\n",
        ),
    ];
    let mut target = glsl::Target::new(Version::Desktop(460)).expect("there is such a version");
    target.extensions = Extensions::all();
    for shader in shaders {
        let begun = Instant::now();
        if let Ok(program) = glsl::write(&shader, &target, &Key::default()) {
            assert!(program.text.len() <= 2 * MAX_BODY_BYTES);
        }
        assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
    }
}

/// A reproducible stream of numbers (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// The first lines of a shader without their numbers, so that lines can come and go.
    fn excerpt(&mut self, seeds: &[String]) -> Vec<String> {
        let lines = self.pick(seeds).lines().take(10 + self.below(80));
        lines.map(|line| unnumbered(line).to_owned()).collect()
    }

    fn change(&mut self, lines: &mut Vec<String>, other: &str) {
        let at = self.below(lines.len());
        match self.below(6) {
            0 => drop(lines.remove(at)),
            1 => lines.insert(at, lines[at].clone()),
            2 => {
                let theirs: Vec<_> = other.lines().collect();
                let line = unnumbered(self.pick::<&str>(&theirs)).to_owned();
                lines.insert(at, line);
            }
            3 => {
                let piece = *self.pick::<&str>(&PIECES);
                let place = self.below(lines[at].len());
                if lines[at].is_char_boundary(place) {
                    lines[at].insert_str(place, piece);
                }
            }
            4 => self.exchange_number(&mut lines[at]),
            _ => {
                let byte = char::from(b' ' + self.below(95) as u8).to_string();
                let place = self.below(lines[at].len());
                if lines[at].is_char_boundary(place) && lines[at].is_char_boundary(place + 1) {
                    lines[at].replace_range(place..=place, &byte);
                }
            }
        }
    }

    /// Puts another number where the line has one, spelled the same way if it can be.
    fn exchange_number(&mut self, line: &mut String) {
        let is_part = |letter: char| letter.is_ascii_alphanumeric();
        let starts: Vec<_> = line
            .match_indices(|letter: char| letter.is_ascii_digit())
            .map(|(start, _)| start)
            .filter(|start| !line[..*start].ends_with(is_part))
            .collect();
        if starts.is_empty() {
            return;
        }
        let start = *self.pick(&starts);
        let end = line[start..].find(|letter| !is_part(letter));
        let range = start..end.map_or(line.len(), |length| start + length);
        let number = match self.below(4) {
            0 => (*self.pick::<&str>(&PIECES)).to_owned(),
            _ if line[range.clone()].starts_with("0x") => format!("0x{:08x}", self.next() as u32),
            1 => self.below(4).to_string(),
            _ => (self.next() >> self.below(64)).to_string(),
        };
        line.replace_range(range, &number);
    }
}

/// The line without its instruction's number.
fn unnumbered(line: &str) -> &str {
    let rest = line
        .trim_start()
        .trim_start_matches(|letter: char| letter.is_ascii_digit());
    rest.strip_prefix(':').unwrap_or(line)
}
