//! Which type a file is of, by what it begins with: what its sender says is only heard where it can be true.

/// As much of a file as is looked at, in bytes.
pub const HEAD: usize = 8 << 10;

/// What browsers run when they open it. It is never shown in a page, whoever allows it.
const ACTIVE: &[(&str, &str)] = &[
    ("<svg", "image/svg+xml"),
    ("<!doctype svg", "image/svg+xml"),
    ("<!doctype html", "text/html"),
    ("<html", "text/html"),
    ("<head", "text/html"),
    ("<body", "text/html"),
    ("<script", "text/html"),
    ("<iframe", "text/html"),
    ("<?xml", "text/xml"),
    ("<!--", "text/html"),
];

/// The type of a file that begins so, when its sender says it is `declared`.
///
/// Nothing in a text says which type it is; there, one of the declared ones is believed.
#[must_use]
pub fn media_type(head: &[u8], declared: Option<&str>) -> String {
    let head = &head[..head.len().min(HEAD)];
    if let Some(active) = active(head) {
        return active.to_owned();
    }
    if let Some(known) = infer::get(head) {
        return known.mime_type().to_owned();
    }
    let kind = match is_text(head) {
        true => declared.filter(|declared| is_of_text(declared)).unwrap_or("text/plain"),
        false => "application/octet-stream",
    };
    kind.to_ascii_lowercase()
}

/// Whether a sender says that a file is something else altogether than it is.
#[must_use]
pub fn contradicts(declared: &str, found: &str) -> bool {
    let family = |kind: &str| kind.split('/').next().unwrap_or_default().to_ascii_lowercase();
    let (said, is) = (family(declared), family(found));
    // Senders that know nothing say this, and tables are sent by what opens them.
    let says_nothing = declared.eq_ignore_ascii_case("application/octet-stream");
    let is_text = said == "application" && is == "text";
    said != is && !says_nothing && !is_text
}

/// Whether it is what browsers run.
#[must_use]
pub fn is_active(kind: &str) -> bool {
    matches!(
        kind,
        "text/html" | "text/xml" | "image/svg+xml" | "application/xhtml+xml" | "application/xml"
    )
}

fn active(head: &[u8]) -> Option<&'static str> {
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let text = text.trim_ascii_start();
    let begins = |with: &str| {
        let begin = text.get(..with.len());
        begin.is_some_and(|begin| begin.eq_ignore_ascii_case(with.as_bytes()))
    };
    let found = ACTIVE.iter().find(|(with, _)| begins(with)).map(|(_, kind)| *kind)?;
    // A picture may have a declaration and a comment before it.
    let has_picture = is_text(head) && head.windows(4).any(|word| word.eq_ignore_ascii_case(b"<svg"));
    Some(match found {
        "text/xml" if has_picture => "image/svg+xml",
        found => found,
    })
}

/// Whether it is UTF-8 without zeros; its last letter may be cut.
fn is_text(head: &[u8]) -> bool {
    let is_utf8 = match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && head.len() == HEAD,
    };
    is_utf8 && !head.contains(&0)
}

fn is_of_text(kind: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-.+".contains(&byte);
    let name = kind.strip_prefix("text/").unwrap_or_default();
    !name.is_empty() && kind.len() <= 100 && name.bytes().all(is_token) && !is_active(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_it_begins_with() {
        for (head, declared, expected) in [
            (&b"\x89PNG\r\n\x1a\n"[..], Some("text/plain"), "image/png"),
            (&b"%PDF-1.7\n"[..], None, "application/pdf"),
            (
                &b"PK\x03\x04\x14\0"[..],
                Some("application/octet-stream"),
                "application/zip",
            ),
            (
                b"MZ\x90\0",
                Some("image/png"),
                "application/vnd.microsoft.portable-executable",
            ),
            (&b"a,b\n1,2\n"[..], Some("text/csv"), "text/csv"),
            (&b"a,b\n1,2\n"[..], Some("text/html"), "text/plain"),
            (&b"a,b\n1,2\n"[..], Some("text/x\r\ny"), "text/plain"),
            (&b"a,b\n"[..], Some("image/png"), "text/plain"),
            (&b"a\0b"[..], Some("text/plain"), "application/octet-stream"),
            (&b"\xff\xfe\xfd"[..], Some("text/plain"), "application/octet-stream"),
            (&b"  \n<SVG onload=alert(1)>"[..], Some("text/plain"), "image/svg+xml"),
            (
                b"\xEF\xBB\xBF<?xml version='1.0'?><!-- --><svg/>",
                None,
                "image/svg+xml",
            ),
            (&b"<?xml version='1.0'?><a/>"[..], Some("text/plain"), "text/xml"),
            (&b"<!DOCTYPE html><p>"[..], Some("text/plain"), "text/html"),
            (&b"<script>alert(1)</script>"[..], Some("text/csv"), "text/html"),
            (&b""[..], None, "text/plain"),
        ] {
            assert_eq!(
                media_type(head, declared),
                expected,
                "{:?}",
                String::from_utf8_lossy(head)
            );
        }
    }

    #[test]
    fn a_sender_may_know_nothing_but_not_say_another_family() {
        for (declared, found, expected) in [
            ("image/jpeg", "image/png", false),
            ("IMAGE/PNG", "image/png", false),
            ("text/plain", "application/zip", true),
            ("application/zip", "image/png", true),
            ("application/octet-stream", "image/png", false),
            ("application/vnd.ms-excel", "text/csv", false),
            ("image/png", "text/plain", true),
        ] {
            assert_eq!(contradicts(declared, found), expected, "{declared} {found}");
        }
    }

    #[test]
    fn a_letter_may_be_cut_only_where_the_head_ends() {
        let mut long = vec![b'a'; HEAD - 1];
        long.extend("ä".bytes());
        assert_eq!(media_type(&long, None), "text/plain");
        assert_eq!(media_type(b"a\xC3", None), "application/octet-stream");
    }
}
