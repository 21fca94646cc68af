//! What mail systems report of a mail that had left: that it was not delivered (RFC 3464), or that somebody complained
//! of it (RFC 5965). Anybody may have written it: only the fields that are made for programs are read, and no prose.

use super::step::printable;
use chrono::{DateTime, Utc};
use mail_parser::{MessageParser, MessagePart, MimeHeaders};

/// What is reported of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportKind {
    /// It will not be delivered.
    Bounce,
    /// It is not delivered yet.
    Delay,
    /// It is in the mailbox.
    Delivered,
    /// Whoever got it complains of it.
    Complaint,
}

/// A report of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What it says.
    pub kind: ReportKind,
    /// The enhanced code (RFC 3463).
    pub status: Option<String>,
    /// The words of whoever refused it.
    pub diagnostic: Option<String>,
    /// When it was so, if it says that.
    pub at: Option<DateTime<Utc>>,
}

impl Report {
    /// Reads a report; `None` if the mail is none, or one of nothing that is of use.
    #[must_use]
    pub fn read(mail: &[u8]) -> Option<Self> {
        let message = MessageParser::new().with_mime_headers().parse(mail)?;
        let of = |subtype: &str| {
            // Not those of a mail that is sent back with it, which has its own.
            let mut parts = message.parts.iter();
            parts
                .find(|part| part.is_content_type("message", subtype))
                .map(MessagePart::contents)
        };
        if let Some(fields) = of("feedback-report") {
            return complaint(&groups(fields));
        }
        let fields = of("delivery-status").or_else(|| of("global-delivery-status"))?;
        delivery(&groups(fields))
    }
}

/// Fields of one group, which an empty line ends.
type Group = Vec<(String, String)>;

fn groups(fields: &[u8]) -> Vec<Group> {
    let text = String::from_utf8_lossy(fields);
    let mut groups = vec![Group::new()];
    for line in text.lines() {
        let group = groups.last_mut().expect("there is one from the start");
        if line.trim().is_empty() {
            groups.push(vec![]);
        } else if line.starts_with([' ', '\t']) {
            // A field goes on (RFC 5322 §2.2.3).
            if let Some((_, value)) = group.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            group.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    groups
}

fn field<'a>(group: &'a Group, name: &str) -> Option<&'a str> {
    let mut fields = group.iter();
    fields.find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// The worst that is said of any recipient: the mail had one, whom an alias may have made many.
fn delivery(groups: &[Group]) -> Option<Report> {
    let read = |group: &Group| {
        let kind = match field(group, "action")?.to_ascii_lowercase().as_str() {
            "failed" => ReportKind::Bounce,
            "delayed" => ReportKind::Delay,
            "delivered" => ReportKind::Delivered,
            _ => return None,
        };
        let status = field(group, "status")?.split([' ', '(']).next()?;
        Some(Report {
            kind,
            status: Some(status.to_owned()).filter(|status| is_status(status)),
            // `smtp; 550 …` (RFC 3464 §2.3.6).
            diagnostic: field(group, "diagnostic-code").map(|words| {
                let words = words.split_once(';').map_or(words, |(_, words)| words);
                printable(words.trim())
            }),
            at: None,
        })
    };
    let reports: Vec<_> = groups.iter().filter_map(read).collect();
    let kinds = [ReportKind::Bounce, ReportKind::Delay, ReportKind::Delivered];
    let worst = |kind: ReportKind| reports.iter().find(|report| report.kind == kind);
    kinds.into_iter().find_map(worst).cloned()
}

fn complaint(groups: &[Group]) -> Option<Report> {
    let first = groups.iter().find_map(|group| field(group, "feedback-type"))?;
    let kind = first.to_ascii_lowercase();
    // `not-spam` takes one back, and others are of authentication.
    let complains = ["abuse", "fraud", "virus", "opt-out", "other"].contains(&kind.as_str());
    complains.then(|| Report {
        kind: ReportKind::Complaint,
        status: None,
        diagnostic: Some(printable(&kind)),
        at: None,
    })
}

/// Whether this is an enhanced code (RFC 3463 §2).
#[must_use]
pub fn is_status(text: &str) -> bool {
    let parts: Vec<_> = text.split('.').collect();
    let number = |part: &&str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    parts.len() == 3 && matches!(parts[0], "2" | "4" | "5") && parts.iter().all(number)
}

/// Whether an enhanced code says that nobody has the address (RFC 3463 §3.2, RFC 7505).
#[must_use]
pub fn is_unknown_address(status: &str) -> bool {
    matches!(status, "5.1.1" | "5.1.2" | "5.1.10")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    fn report(subtype: &str, fields: &str) -> Vec<u8> {
        let lines = format!(
            "From: MAILER-DAEMON@mx.example\nTo: b-x@bounces.example\nSubject: Returned\nMIME-Version: 1.0\n\
             Content-Type: multipart/report; report-type={subtype}; boundary=\"x\"\n\n\
             --x\nContent-Type: text/plain\n\nAction: failed\nStatus: 5.1.1\n\n\
             --x\nContent-Type: message/{subtype}\n\n{fields}\n\
             --x\nContent-Type: message/rfc822\n\nSubject: Code\n\n123456\n--x--\n"
        );
        lines.replace('\n', "\r\n").into_bytes()
    }

    fn read(fields: &str) -> Option<(ReportKind, Option<String>, Option<String>)> {
        let report = Report::read(&report("delivery-status", fields))?;
        Some((report.kind, report.status, report.diagnostic))
    }

    #[test]
    fn a_report_says_what_became_of_the_mail() {
        let of = |kind, status: &str, words: &str| Some((kind, Some(status.to_owned()), Some(words.to_owned())));
        // As Postfix, Exchange, Exim with its folded line, and Google write them.
        assert_eq!(
            read(
                "Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; ada@example.com\nAction: failed\n\
                 Status: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n"
            ),
            of(ReportKind::Bounce, "5.1.1", "550 5.1.1 no such user")
        );
        assert_eq!(
            read(
                "Reporting-MTA: dns;mx.example\n\nFINAL-RECIPIENT: RFC822;ada@example.com\nACTION: Delayed\n\
                 STATUS: 4.4.7 (delayed)\nDIAGNOSTIC-CODE: smtp;451 4.4.7\n  come back\n"
            ),
            of(ReportKind::Delay, "4.4.7", "451 4.4.7 come back")
        );
        assert_eq!(
            read(
                "Reporting-MTA: dns; mx\n\nAction: delivered\nStatus: 2.0.0\n\nAction: failed\nStatus: 5.2.2\n\
                 Diagnostic-Code: x; \u{1b}[31mfull\n"
            ),
            of(ReportKind::Bounce, "5.2.2", "[31mfull")
        );
    }

    #[test]
    fn what_is_no_report_says_nothing() {
        for fields in [
            "",
            "Reporting-MTA: dns; mx.example\n",
            "Reporting-MTA: dns; mx.example\n\nAction: failed\n",
            "Reporting-MTA: dns; mx.example\n\nAction: relayed\nStatus: 2.0.0\n",
            "garbage\n\n\n:::\n",
        ] {
            assert_eq!(read(fields), None, "{fields}");
        }
        let wrong = read("R: x\n\nAction: failed\nStatus: 5.1.1.1\n").unwrap();
        assert_eq!(wrong.1, None, "no code, and not half of one");
        let prose = b"Subject: Undeliverable\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n";
        assert_eq!(Report::read(prose), None);
        // A report that is sent back is not one.
        let within = String::from_utf8(report("delivery-status", "R: x\n\nAction: failed\nStatus: 5.1.1\n")).unwrap();
        let outer = format!("Content-Type: message/rfc822\r\n\r\n{within}");
        assert_eq!(Report::read(outer.as_bytes()), None);
        for garbage in [&b""[..], b"\0\xff\xfe", &[b'-'; 4096]] {
            assert_eq!(Report::read(garbage), None);
        }
    }

    #[test]
    fn a_complaint_is_told_from_its_withdrawal() {
        let of = |kind: &str| {
            let fields = format!("Feedback-Type: {kind}\nUser-Agent: x/1\nVersion: 1\n");
            Report::read(&report("feedback-report", &fields)).map(|report| report.kind)
        };
        for complaint in ["abuse", "fraud", "Opt-Out", "other"] {
            assert_eq!(of(complaint), Some(ReportKind::Complaint), "{complaint}");
        }
        for none in ["not-spam", "auth-failure", ""] {
            assert_eq!(of(none), None, "{none}");
        }
    }

    #[test]
    fn what_is_deep_or_has_many_parts_is_read_in_no_time() {
        let mut deep = String::new();
        for level in 0..2000 {
            write!(
                deep,
                "Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n"
            )
            .unwrap();
        }
        assert_eq!(Report::read(deep.as_bytes()), None);
        let many = format!(
            "Content-Type: multipart/report; boundary=x\r\n\r\n{}",
            "--x\r\n\r\n\r\n".repeat(20_000)
        );
        assert_eq!(Report::read(many.as_bytes()), None);
    }
}
