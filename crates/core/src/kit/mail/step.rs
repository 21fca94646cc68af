//! The steps of a delivery, what a relay answered at each, and whose fault it is where one fails.

use super::report::is_unknown_address;
use std::{
    fmt,
    time::{Duration, Instant},
};

/// The most of a relay's words that is kept, in characters.
const WORDS: usize = 512;

/// A step of a delivery, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The name is looked up.
    Resolve,
    /// The relay is reached.
    Connect,
    /// It greets.
    Greeting,
    /// It says what it can do.
    Ehlo,
    /// It is asked for TLS.
    StartTls,
    /// It shows its certificate.
    Certificate,
    /// It is told user name and password.
    Auth,
    /// It is told whom the mail is from.
    Mail,
    /// It is told whom the mail is for.
    Rcpt,
    /// It is sent the mail.
    Data,
    /// It has the mail.
    Accepted,
}

impl Step {
    /// As it is written down.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Greeting => "greeting",
            Self::Ehlo => "ehlo",
            Self::StartTls => "starttls",
            Self::Certificate => "certificate",
            Self::Auth => "auth",
            Self::Mail => "mail",
            Self::Rcpt => "rcpt",
            Self::Data => "data",
            Self::Accepted => "accepted",
        }
    }
}

/// What a relay answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Its code (RFC 5321 §4.2).
    pub code: u16,
    /// Its enhanced code (RFC 3463), if it has one that goes with the code.
    pub enhanced: Option<String>,
    /// Its words, without what is not printed, and not too many.
    pub text: String,
}

impl Reply {
    /// A reply of these lines, without their codes.
    pub(super) fn new(code: u16, lines: &[String]) -> Self {
        let mut enhanced = None;
        let mut text = String::new();
        for line in lines {
            let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
            let is_code = is_enhanced(first, code);
            let words = match is_code && enhanced.as_deref() == Some(first) {
                true => rest,
                false => line,
            };
            if is_code && enhanced.is_none() {
                enhanced = Some(first.to_owned());
            }
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(words);
        }
        Self {
            code,
            enhanced,
            text: printable(&text),
        }
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.text)
    }
}

/// Whether a word is an enhanced code of the class of this reply.
fn is_enhanced(word: &str, code: u16) -> bool {
    let mut parts = word.split('.');
    let class = parts.next().is_some_and(|class| class == (code / 100).to_string());
    let number = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let rest: Vec<_> = parts.collect();
    class && rest.len() == 2 && rest.into_iter().all(number)
}

/// The words of a relay as they may be shown.
#[must_use]
pub fn printable(text: &str) -> String {
    let is_printed = |c: &char| {
        !c.is_control()
            && !matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
    };
    text.chars().filter(is_printed).take(WORDS).collect()
}

/// Why a step failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The relay said so.
    Reply(Reply),
    /// Nobody answered, or not as a relay does.
    Words(String),
    /// The mail is larger than the relay takes.
    Size(String),
}

impl Cause {
    pub(super) fn words(words: impl Into<String>) -> Self {
        Self::Words(words.into())
    }
}

/// A delivery that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// At this step.
    pub step: Step,
    /// For this reason.
    pub cause: Cause,
}

/// Whose fault it is that a mail was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Of whoever configured the relay, or of the relay itself: another one may take the mail.
    Sender {
        /// Whether the relay wants others to send by it: no other attempt changes that.
        refused: bool,
    },
    /// Of nobody: not now.
    Nobody,
    /// Of the address.
    Address {
        /// Whether nobody has it (RFC 3463 §3.2).
        unknown: bool,
    },
    /// Of the message.
    Message,
    /// It may have been taken.
    Unknown,
}

/// What a relay says that wants TLS or other credentials (RFC 4954 §6, RFC 3207 §4), at whatever command: the
/// message is not to blame.
const CREDENTIALS: &[u16] = &[530, 534, 535, 538];

impl Trouble {
    /// What the relay answered, if it did.
    #[must_use]
    pub fn reply(&self) -> Option<&Reply> {
        match &self.cause {
            Cause::Reply(reply) => Some(reply),
            Cause::Words(_) | Cause::Size(_) => None,
        }
    }

    /// Whose fault it is.
    #[must_use]
    pub fn fault(&self) -> Fault {
        let Some(reply) = self.reply() else {
            return match (&self.cause, self.step) {
                (Cause::Size(_), _) => Fault::Message,
                (_, Step::Accepted) => Fault::Unknown,
                _ => Fault::Sender { refused: false },
            };
        };
        let enhanced = reply.enhanced.as_deref().unwrap_or_default();
        let is_policy = enhanced.starts_with("5.7.");
        match (reply.code, self.step) {
            (..500, _) => Fault::Nobody,
            (code, _) if CREDENTIALS.contains(&code) => Fault::Sender { refused: true },
            (_, Step::Auth) => Fault::Sender { refused: true },
            (552, Step::Mail) | (_, Step::Data | Step::Accepted) => Fault::Message,
            (_, Step::Mail) => Fault::Sender { refused: is_policy },
            (_, Step::Rcpt) => Fault::Address {
                unknown: is_unknown_address(enhanced),
            },
            _ => Fault::Sender { refused: false },
        }
    }

    /// What to mend first, if that is known.
    #[must_use]
    pub fn remedy(&self) -> Option<&'static str> {
        let code = self.reply().map(|reply| reply.code);
        match (self.step, code) {
            (Step::Resolve, _) => Some("Check the host."),
            (Step::Connect, _) => Some("Check host and port, and whether a firewall lets the server out."),
            (Step::Greeting, None) => {
                Some("If the port is 465, the encryption is TLS from the start; on 587 and 25 it is STARTTLS.")
            }
            (Step::StartTls, None) => Some("Choose another port, or TLS from the start."),
            (Step::Certificate, _) => Some("The host must be the name that the certificate is for."),
            (Step::Auth, Some(_)) => Some("These are not the user name and password that the relay wants."),
            (Step::Auth, None) => Some("Leave out user name and password, or choose another encryption."),
            (Step::Mail, _) => Some("This account may not send as the address of the sender."),
            (Step::Rcpt, _) => Some("The relay does not take mail for this address."),
            (Step::Ehlo, Some(_)) => Some("The relay does not take the name that the server calls itself by."),
            _ => None,
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::Reply(reply) => reply.fmt(f),
            Cause::Words(words) | Cause::Size(words) => f.write_str(words),
        }
    }
}

/// A step that was taken.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Which one.
    pub step: Step,
    /// Whether it went well.
    pub ok: bool,
    /// How long it took.
    pub time: Duration,
    /// What was answered.
    pub answer: Option<String>,
}

/// The steps of one delivery, and until when it may take.
#[derive(Debug)]
pub struct Trace {
    /// The steps that were taken.
    pub steps: Vec<Taken>,
    until: Instant,
}

impl Trace {
    /// Of a delivery that may take so long.
    #[must_use]
    pub fn new(patience: Duration) -> Self {
        Self::until(Instant::now() + patience)
    }

    /// Of a delivery that may take until then.
    #[must_use]
    pub fn until(until: Instant) -> Self {
        Self { steps: vec![], until }
    }

    /// Takes a step, which may take so long.
    pub(super) async fn take<T>(
        &mut self,
        step: Step,
        patience: Duration,
        work: impl Future<Output = Result<(T, Option<String>), Cause>>,
    ) -> Result<T, Trouble> {
        let begun = Instant::now();
        let patience = patience.min(self.until.saturating_duration_since(begun));
        let done = tokio::time::timeout(patience, work).await;
        let done = done.unwrap_or_else(|_| {
            let words = format!("no answer within {} seconds", patience.as_secs_f32().ceil());
            Err(Cause::words(words))
        });
        let mut taken = Taken {
            step,
            ok: done.is_ok(),
            time: begun.elapsed(),
            answer: None,
        };
        let done = done.map(|(value, answer)| {
            taken.answer = answer;
            value
        });
        let done = done.map_err(|cause| Trouble { step, cause });
        if let Err(trouble) = &done {
            taken.answer = Some(trouble.to_string());
        }
        self.steps.push(taken);
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trouble(step: Step, code: u16, text: &str) -> Trouble {
        let cause = Cause::Reply(Reply::new(code, &[text.to_owned()]));
        Trouble { step, cause }
    }

    #[test]
    fn an_enhanced_code_is_one_of_the_class_of_the_reply() {
        let of = |code, text: &str| Reply::new(code, &[text.to_owned()]).enhanced;
        assert_eq!(of(550, "5.1.1 nobody").as_deref(), Some("5.1.1"));
        assert_eq!(of(550, "5.1.10 nobody").as_deref(), Some("5.1.10"));
        for (code, text) in [
            (550, "4.1.1 no"),
            (550, "5.1 no"),
            (550, "5.1.1234 no"),
            (250, "OK"),
            (250, ""),
        ] {
            assert_eq!(of(code, text), None, "{code} {text}");
        }
        let lines = ["5.7.1 not you", "5.7.1 go away"].map(str::to_owned);
        assert_eq!(Reply::new(550, &lines).to_string(), "550 5.7.1 not you go away");
    }

    #[test]
    fn a_relay_says_up_to_512_printable_characters() {
        let text = format!("a\u{1b}[31m\u{202E}b{}", "x".repeat(2000));
        let reply = Reply::new(250, &[text]);
        assert_eq!(reply.text.chars().count(), 512);
        assert!(reply.text.starts_with("a[31mbxx"), "{}", reply.text);
    }

    #[test]
    fn whose_fault_it_is_follows_from_step_and_code() {
        let sender = |refused| Fault::Sender { refused };
        for (step, code, text, fault) in [
            (Step::Greeting, 421, "busy", Fault::Nobody),
            (Step::Greeting, 554, "go away", sender(false)),
            (Step::Auth, 535, "5.7.8 wrong", sender(true)),
            (Step::Auth, 454, "4.7.0 later", Fault::Nobody),
            (Step::Mail, 530, "5.7.0 log in", sender(true)),
            (Step::Mail, 550, "5.7.60 not as this one", sender(true)),
            (Step::Mail, 553, "5.1.8 no such sender", sender(false)),
            (Step::Mail, 552, "5.3.4 too large", Fault::Message),
            (Step::Rcpt, 451, "4.7.1 greylisted", Fault::Nobody),
            (Step::Rcpt, 550, "5.1.1 nobody", Fault::Address { unknown: true }),
            (Step::Rcpt, 550, "5.2.1 disabled", Fault::Address { unknown: false }),
            (Step::Rcpt, 530, "5.7.0 log in", sender(true)),
            (Step::Data, 552, "5.3.4 too large", Fault::Message),
            (Step::Accepted, 550, "5.7.1 spam", Fault::Message),
            (Step::Accepted, 451, "4.3.0 later", Fault::Nobody),
        ] {
            assert_eq!(trouble(step, code, text).fault(), fault, "{step:?} {code} {text}");
        }
        let silent = |step| {
            let cause = Cause::words("closed");
            Trouble { step, cause }.fault()
        };
        for step in [Step::Resolve, Step::Connect, Step::Certificate, Step::Mail, Step::Data] {
            assert_eq!(silent(step), sender(false), "{step:?}");
        }
        assert_eq!(silent(Step::Accepted), Fault::Unknown);
    }
}
