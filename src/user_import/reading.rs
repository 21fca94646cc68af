//! Reading a file from where it was left: some rows at a time, never more of it than a few pieces in memory.

use super::{
    format::{Format, HashConfig, csv},
    row::Row,
    source::{Source, Window},
};
use crate::kit::error::{Error, FieldError, Result};
use serde::{Deserialize, Serialize};

/// Rows that are read at once, and added in one transaction.
pub(super) const ROWS: usize = 500;
/// Bytes that a row may have.
pub(super) const LONGEST: usize = 256 << 10;

/// How far a file is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Bytes before the next row.
    offset: u64,
    /// The place of the row before, 1 for the first; the header of a table is one.
    place: u64,
    /// How the rows are told apart; unknown before the first one.
    layout: Option<Layout>,
}

/// How rows are told apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Layout {
    /// A table with these columns.
    Table {
        /// What is between two cells.
        delimiter: u8,
        /// What each column is.
        columns: Vec<String>,
    },
    /// JSON, a line each.
    Lines,
    /// Members of an array.
    Members,
}

/// A row that was read, or what is wrong with it.
pub(super) type Found = std::result::Result<Row, Vec<FieldError>>;

/// Rows of a file.
#[derive(Debug, Default)]
pub struct Chunk {
    /// Where each is in the file, and what it says.
    pub rows: Vec<(u64, Found)>,
    /// Where to go on.
    pub position: Position,
    /// Whether that is the end.
    pub is_last: bool,
}

impl Chunk {
    pub(super) fn add(&mut self, found: Found) {
        self.position.place += 1;
        self.rows.push((self.position.place, found));
    }

    pub(super) fn reject(&mut self, code: &str, why: impl Into<String>) {
        self.add(Err(vec![FieldError::new("", code, why)]));
    }

    pub(super) fn is_full(&self) -> bool {
        self.rows.len() >= ROWS
    }
}

/// A file that is none of its format.
pub(super) fn broken(why: impl Into<String>) -> Error {
    Error::field("file", "format", why)
}

/// The next rows of a file.
///
/// # Errors
/// [`Error::Invalid`] if it is no file of this format; those of the source.
pub async fn read(
    source: &dyn Source,
    (format, config): (Format, Option<&HashConfig>),
    from: Position,
) -> Result<Chunk> {
    let mut window = Window::open(source, from.offset).await?;
    let mut chunk = Chunk {
        position: from,
        ..Chunk::default()
    };
    if chunk.position.layout.is_none() {
        begin(&mut window, format, &mut chunk.position).await?;
    }
    match chunk.position.layout.clone() {
        Some(Layout::Table { delimiter, columns }) => {
            csv::read(&mut window, delimiter, &columns, &mut chunk).await?;
        }
        Some(Layout::Members) => members(&mut window, (format, config), &mut chunk).await?,
        _ => lines(&mut window, (format, config), &mut chunk).await?,
    }
    chunk.position.offset = window.begin;
    Ok(chunk)
}

/// Finds the first row.
async fn begin(window: &mut Window<'_>, format: Format, position: &mut Position) -> Result<()> {
    window.fill(LONGEST).await?;
    match window.bytes() {
        [0xEF, 0xBB, 0xBF, ..] => window.skip(3),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => return Err(broken("is UTF-16; save it as UTF-8")),
        _ => {}
    }
    if window.bytes().is_empty() {
        return Err(broken("is empty"));
    }
    if let Format::Csv = format {
        (position.layout, position.place) = (Some(csv::header(window)?), 1);
        return Ok(());
    }
    let first = window.bytes().iter().find(|b| !b.is_ascii_whitespace());
    position.layout = Some(match (first, format.list()) {
        (Some(b'['), _) => {
            let at = window.bytes().iter().position(|b| *b == b'[');
            window.skip(at.unwrap_or_default() + 1);
            Layout::Members
        }
        (Some(b'{'), Some(list)) => {
            find_list(window, list).await?;
            Layout::Members
        }
        (Some(b'{'), None) => Layout::Lines,
        _ => return Err(broken("is not JSON")),
    });
    Ok(())
}

/// Goes on to the first member of the list of this name, in the object that the file is.
async fn find_list(window: &mut Window<'_>, list: &str) -> Result<()> {
    let mut look = Look::default();
    loop {
        if let Some(at) = look.find(window.bytes(), list) {
            window.skip(at);
            return Ok(());
        }
        window.skip(window.bytes().len());
        if window.is_last {
            return Err(broken(format!("has no list \"{list}\"")));
        }
        window.fill(1).await?;
    }
}

/// Looks for a member of an object, byte by byte.
#[derive(Default)]
struct Look {
    nesting: Nesting,
    /// The last text of the object itself.
    text: Vec<u8>,
    /// Whether it is the name of what comes.
    is_name: bool,
}

impl Look {
    /// The place behind the bracket that begins the list.
    fn find(&mut self, bytes: &[u8], list: &str) -> Option<usize> {
        for (at, byte) in bytes.iter().copied().enumerate() {
            let was_text = self.nesting.in_text;
            self.nesting.take(byte);
            match (self.nesting.depth, was_text, byte) {
                (1, true, _) if self.nesting.in_text && self.text.len() < 64 => self.text.push(byte),
                (1, false, b'"') => {
                    self.text.clear();
                    self.is_name = false;
                }
                (1, false, b':') => self.is_name = true,
                (1, false, b',') => self.is_name = false,
                (2, false, b'[') if self.is_name && self.text == list.as_bytes() => return Some(at + 1),
                _ => {}
            }
        }
        None
    }
}

/// How deep in JSON a place is.
#[derive(Default)]
struct Nesting {
    depth: usize,
    in_text: bool,
    is_escaped: bool,
}

impl Nesting {
    fn take(&mut self, byte: u8) {
        match (self.in_text, self.is_escaped, byte) {
            (true, true, _) => self.is_escaped = false,
            (true, false, b'\\') => self.is_escaped = true,
            (true, false, b'"') => self.in_text = false,
            (false, _, b'"') => self.in_text = true,
            (false, _, b'{' | b'[') => self.depth += 1,
            (false, _, b'}' | b']') => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }

    /// The place behind the value that begins here, if it ends.
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        let end = bytes.iter().position(|byte| {
            self.take(*byte);
            self.depth == 0
        });
        end.map(|end| end + 1)
    }
}

type Reader<'a> = (Format, Option<&'a HashConfig>);

async fn members(window: &mut Window<'_>, (format, config): Reader<'_>, chunk: &mut Chunk) -> Result<()> {
    while !chunk.is_full() {
        window.fill(LONGEST).await?;
        let between = |b: &u8| b.is_ascii_whitespace() || *b == b',';
        let bytes = window.bytes();
        let begin = bytes.iter().position(|b| !between(b)).unwrap_or(bytes.len());
        let rest = &bytes[begin..];
        match rest.first() {
            None if window.is_last => {
                chunk.reject("format", "the file ends before the list does");
                chunk.is_last = true;
                return Ok(());
            }
            None => window.skip(begin),
            Some(b']') => {
                chunk.is_last = true;
                return Ok(());
            }
            Some(b'{') => {
                let mut nesting = Nesting::default();
                let end = nesting.end(&rest[..rest.len().min(LONGEST)]);
                if let Some(end) = end {
                    chunk.add(format.read(&rest[..end], config));
                    window.skip(begin + end);
                } else {
                    window.skip(begin + rest.len().min(LONGEST));
                    overlong(window, nesting, chunk).await?;
                    if chunk.is_last {
                        return Ok(());
                    }
                }
            }
            Some(_) => {
                chunk.reject("format", "is not an object; nothing after it was read");
                chunk.is_last = true;
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Goes on behind an object that is too long.
async fn overlong(window: &mut Window<'_>, mut nesting: Nesting, chunk: &mut Chunk) -> Result<()> {
    loop {
        if let Some(end) = nesting.end(window.bytes()) {
            window.skip(end);
            chunk.reject("length", too_long());
            return Ok(());
        }
        window.skip(window.bytes().len());
        if window.is_last {
            chunk.reject("format", "the file ends in the middle of it");
            chunk.is_last = true;
            return Ok(());
        }
        window.fill(1).await?;
    }
}

pub(super) fn too_long() -> String {
    format!("is longer than {} KiB", LONGEST >> 10)
}

async fn lines(window: &mut Window<'_>, (format, config): Reader<'_>, chunk: &mut Chunk) -> Result<()> {
    while !chunk.is_full() {
        window.fill(LONGEST).await?;
        let bytes = window.bytes();
        if bytes.is_empty() {
            chunk.is_last = true;
            return Ok(());
        }
        let line = bytes.iter().take(LONGEST).position(|b| *b == b'\n');
        let is_rest = window.is_last && bytes.len() <= LONGEST;
        let end = line.map(|end| end + 1).or(is_rest.then_some(bytes.len()));
        let Some(end) = end else {
            skip_line(window).await?;
            chunk.reject("length", too_long());
            continue;
        };
        let line = bytes[..end].trim_ascii();
        if !line.is_empty() {
            chunk.add(format.read(line, config));
        }
        window.skip(end);
    }
    Ok(())
}

/// Goes on behind the next end of a line.
pub(super) async fn skip_line(window: &mut Window<'_>) -> Result<()> {
    loop {
        if let Some(end) = window.bytes().iter().position(|b| *b == b'\n') {
            window.skip(end + 1);
            return Ok(());
        }
        window.skip(window.bytes().len());
        if window.is_last {
            return Ok(());
        }
        window.fill(1).await?;
    }
}
