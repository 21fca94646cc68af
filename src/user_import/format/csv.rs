//! Tables: comma-separated values (RFC 4180) with a header, and what spreadsheets make of them.

use super::super::{
    reading::{Chunk, LONGEST, Layout, broken, skip_line, too_long},
    row::Row,
    source::Window,
};
use crate::kit::{
    error::{Error, FieldError, Result},
    nearest::unknown,
};
use csv::{ByteRecord, ReaderBuilder};
use std::collections::BTreeMap;

/// What may be between two cells.
const DELIMITERS: [u8; 4] = *b",;\t|";
/// What a spreadsheet takes for the beginning of a formula, or drops before one.
const FORMULAS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The columns, in the order of exported tables.
pub(crate) const COLUMNS: [&str; 20] = [
    "id",
    "name",
    "email",
    "emailVerified",
    "displayName",
    "firstName",
    "lastName",
    "nickname",
    "language",
    "gender",
    "phone",
    "bio",
    "avatar",
    "createdAt",
    "disabled",
    "mustChangePassword",
    "passwordHash",
    "roles",
    "labels",
    "annotations",
];
/// What others call them.
const ALIASES: [(&str, &str); 6] = [
    ("username", "name"),
    ("mail", "email"),
    ("emailaddress", "email"),
    ("verified", "emailVerified"),
    ("phonenumber", "phone"),
    ("created", "createdAt"),
];

/// Reads the header.
pub(in crate::user_import) fn header(window: &mut Window<'_>) -> Result<Layout> {
    let line = first_line(window.bytes()).to_vec();
    let said = line.strip_prefix(b"sep=").and_then(|rest| rest.first().copied());
    if said.is_some() {
        window.skip(window.bytes().len().min(line.len() + 1));
    }
    let delimiter = said.unwrap_or_else(|| delimiter(&line));
    let bytes = window.bytes();
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(&bytes[..bytes.len().min(LONGEST)]);
    let mut record = ByteRecord::new();
    reader
        .read_byte_record(&mut record)
        .map_err(|_| broken("is no table"))?;
    let end = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
    if end >= LONGEST {
        return Err(broken(format!("has a header that {}", too_long())));
    }
    let columns = columns(&record)?;
    window.skip(end);
    Ok(Layout::Table { delimiter, columns })
}

fn first_line(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().take(LONGEST).position(|b| *b == b'\n' || *b == b'\r');
    &bytes[..end.unwrap_or(bytes.len().min(LONGEST))]
}

/// Whichever a header has most.
fn delimiter(line: &[u8]) -> u8 {
    let count = |delimiter: &u8| line.split(|b| b == delimiter).count();
    // Of those that come equally often, the first.
    let most = DELIMITERS.iter().rev().max_by_key(|delimiter| count(delimiter));
    most.copied().unwrap_or(b',')
}

fn columns(record: &ByteRecord) -> Result<Vec<String>> {
    let mut columns: Vec<String> = vec![];
    let mut wrong = vec![];
    for name in record {
        let name = String::from_utf8_lossy(name);
        match known(&name) {
            Some(known) if columns.iter().any(|column| column == known) => {
                wrong.push(FieldError::new(known, "value", "is the name of two columns"));
            }
            Some(known) => columns.push(known.to_owned()),
            None => wrong.push(unknown(&name, &name, COLUMNS)),
        }
        // Who sends a million columns does not want to read of each.
        if wrong.len() >= 20 {
            break;
        }
    }
    if wrong.is_empty() && !columns.iter().any(|column| column == "email") {
        wrong.push(FieldError::new("email", "required", "is a column that there has to be"));
    }
    match wrong.is_empty() {
        true => Ok(columns),
        false => Err(Error::Invalid(wrong)),
    }
}

/// The column of this name, in any case and with any marks.
fn known(name: &str) -> Option<&'static str> {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    let plain: String = letters.flat_map(char::to_lowercase).collect();
    let alias = ALIASES
        .iter()
        .find(|(alias, _)| *alias == plain)
        .map(|(_, column)| *column);
    alias.or_else(|| COLUMNS.into_iter().find(|column| column.to_lowercase() == plain))
}

/// Reads the next rows.
pub(in crate::user_import) async fn read(
    window: &mut Window<'_>,
    delimiter: u8,
    columns: &[String],
    chunk: &mut Chunk,
) -> Result<()> {
    while !chunk.is_full() {
        window.fill(LONGEST).await?;
        if window.bytes().is_empty() {
            chunk.is_last = true;
            return Ok(());
        }
        match some(window.bytes(), window.is_last, (delimiter, columns), chunk) {
            0 => {
                skip_line(window).await?;
                chunk.reject("length", format!("{}, or has a quote that is not closed", too_long()));
            }
            read => window.skip(read),
        }
    }
    Ok(())
}

/// Reads the rows that are whole in these bytes, and answers how many bytes they have: 0 if not even the first one is.
fn some(bytes: &[u8], is_last: bool, (delimiter, columns): (u8, &[String]), chunk: &mut Chunk) -> usize {
    let mut begin = 0;
    let mut record = ByteRecord::new();
    'anew: loop {
        let rest = &bytes[begin..];
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(rest);
        let mut at = 0;
        while !chunk.is_full() {
            // Of bytes in memory, nothing fails.
            if !reader.read_byte_record(&mut record).unwrap_or(false) {
                return bytes.len();
            }
            let end = usize::try_from(reader.position().byte()).unwrap_or(rest.len());
            if !is_last && end == rest.len() {
                return begin + at;
            }
            if end - at > LONGEST {
                return begin + at;
            }
            // Quotes come in pairs.
            let is_open = rest[at..end].split(|b| *b == b'"').count() % 2 == 0;
            if (record.len() != columns.len() || is_open)
                && let Some(line) = inner_line(&rest[at..end])
            {
                // A quote that is not closed would take the rows after it with it.
                chunk.reject("format", "has a quote that is not closed, or too few or too many cells");
                begin += at + line;
                continue 'anew;
            }
            chunk.add(row(&record, columns));
            at = end;
        }
        return begin + at;
    }
}

/// The place behind the first line of a record that has several.
fn inner_line(record: &[u8]) -> Option<usize> {
    let begin = record.iter().position(|b| *b != b'\n' && *b != b'\r')?;
    let end = begin + record[begin..].iter().position(|b| *b == b'\n')? + 1;
    (!record[end..].trim_ascii().is_empty()).then_some(end)
}

fn row(record: &ByteRecord, columns: &[String]) -> std::result::Result<Row, Vec<FieldError>> {
    if record.len() != columns.len() {
        let why = format!("has {} cells, and the header has {}", record.len(), columns.len());
        return Err(vec![FieldError::new("", "format", why)]);
    }
    let mut row = Row::default();
    let mut wrong = vec![];
    for (column, cell) in columns.iter().zip(record) {
        let set = match std::str::from_utf8(cell) {
            // Of what people wrote, blanks are a part.
            Ok(cell) if ["bio", "phone", "avatar"].contains(&column.as_str()) => set(&mut row, column, restored(cell)),
            Ok(cell) => set(&mut row, column, restored(cell.trim())),
            Err(_) => Err("is not UTF-8"),
        };
        if let Err(why) = set {
            wrong.push(FieldError::new(column, "format", why));
        }
    }
    match wrong.is_empty() {
        true => Ok(row),
        false => Err(wrong),
    }
}

fn set(row: &mut Row, column: &str, cell: &str) -> std::result::Result<(), &'static str> {
    if cell.is_empty() {
        return Ok(());
    }
    let text = Some(cell.to_owned());
    match column {
        "id" => row.id = text,
        "name" => row.name = text,
        "email" => row.email = text,
        "emailVerified" => row.email_verified = yes(cell)?,
        "displayName" => row.display_name = text,
        "firstName" => row.first_name = text,
        "lastName" => row.last_name = text,
        "nickname" => row.nickname = text,
        "language" => row.language = text,
        "gender" => row.gender = text,
        "phone" => row.phone = text,
        "bio" => row.bio = text,
        "avatar" => row.avatar = text,
        "createdAt" => row.created_at = text,
        "disabled" => row.disabled = yes(cell)?,
        "mustChangePassword" => row.must_change_password = yes(cell)?,
        "passwordHash" => row.password_hash = text,
        "roles" => {
            let each = cell.split([' ', ',', ';']).filter(|role| !role.is_empty());
            row.roles = each.map(str::to_owned).collect();
        }
        "labels" => row.labels = map(cell)?,
        _ => row.annotations = map(cell)?,
    }
    Ok(())
}

fn yes(cell: &str) -> std::result::Result<bool, &'static str> {
    match cell.to_lowercase().as_str() {
        "true" | "yes" | "1" => Ok(true),
        "false" | "no" | "0" => Ok(false),
        _ => Err("must be true or false"),
    }
}

fn map(cell: &str) -> std::result::Result<BTreeMap<String, String>, &'static str> {
    serde_json::from_str(cell).map_err(|_| "must be a JSON object of texts, such as {\"team\":\"blue\"}")
}

/// Whether a spreadsheet would compute this cell, or take away the quote that keeps it from that.
fn is_formula(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(FORMULAS)
}

/// A cell that no spreadsheet computes (CWE-1236).
fn neutral(cell: &str) -> String {
    match is_formula(cell) {
        true => format!("'{cell}"),
        false => cell.to_owned(),
    }
}

/// What [`neutral`] was made of.
fn restored(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_formula(rest) => rest,
        _ => cell,
    }
}

/// The columns of an exported table: hashes only if they are exported.
pub fn columns_of(with_hashes: bool) -> impl Iterator<Item = &'static str> {
    COLUMNS
        .into_iter()
        .filter(move |column| with_hashes || *column != "passwordHash")
}

/// A line of an exported table.
#[must_use]
pub fn line<'a>(cells: impl Iterator<Item = &'a str>) -> Vec<u8> {
    let mut line = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(vec![]);
    // Into memory, nothing fails.
    let _ = line.write_record(cells.map(neutral).map(String::into_bytes));
    line.into_inner().unwrap_or_default()
}

/// The cells of a user.
#[must_use]
pub fn cells(row: &Row, with_hashes: bool) -> Vec<String> {
    let json = |map: &BTreeMap<String, String>| match map.is_empty() {
        true => String::new(),
        false => serde_json::to_string(map).unwrap_or_default(),
    };
    let cell = |column: &str| match column {
        "id" => row.id.clone(),
        "name" => row.name.clone(),
        "email" => row.email.clone(),
        "emailVerified" => Some(row.email_verified.to_string()),
        "displayName" => row.display_name.clone(),
        "firstName" => row.first_name.clone(),
        "lastName" => row.last_name.clone(),
        "nickname" => row.nickname.clone(),
        "language" => row.language.clone(),
        "gender" => row.gender.clone(),
        "phone" => row.phone.clone(),
        "bio" => row.bio.clone(),
        "avatar" => row.avatar.clone(),
        "createdAt" => row.created_at.clone(),
        "disabled" => Some(row.disabled.to_string()),
        "mustChangePassword" => Some(row.must_change_password.to_string()),
        "passwordHash" => row.password_hash.clone(),
        "roles" => Some(row.roles.join(" ")),
        "labels" => Some(json(&row.labels)),
        _ => Some(json(&row.annotations)),
    };
    columns_of(with_hashes)
        .map(|column| cell(column).unwrap_or_default())
        .collect()
}
