//! The log: an event is made a line by the thread that it happens on, and written by a thread of its own.

use crate::config::{Config, LogFormat};
use anyhow::Context;
use crossbeam_channel::{Sender, bounded};
use std::{
    fmt::{self, Write as _},
    io::{self, IsTerminal, Write},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span::Record,
};
use tracing_subscriber::{
    EnvFilter,
    field::RecordFields,
    fmt::{
        FmtContext, FormatEvent, FormatFields, FormattedFields, MakeWriter,
        format::Writer,
        time::{FormatTime, SystemTime},
    },
    registry::LookupSpan,
};

/// How long a line may wait for others to be written with.
const DELAY: Duration = Duration::from_millis(10);

/// Bytes that may wait. Who adds more writes them, and so is as slow as standard error is.
const MOST: usize = 1 << 20;

/// Writes what still waits when it is dropped.
pub(super) struct Log(Lines);

impl Drop for Log {
    fn drop(&mut self) {
        self.0.write_out();
    }
}

/// Starts the log on standard error.
pub(super) fn start(config: &Config) -> anyhow::Result<Log> {
    // The schema is looked at whenever a tenant's file is opened; that it is current is no news.
    let filter = format!("sea_orm_migration=warn,{}", config.log);
    let filter = EnvFilter::try_new(filter).context("log is not a tracing filter")?;
    let pretty = match config.log_format {
        LogFormat::Auto => io::stderr().is_terminal(),
        LogFormat::Json => false,
        LogFormat::Pretty => true,
    };
    let lines = Lines::start().context("starting the thread of the log")?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(lines.clone());
    let set = match pretty {
        true => builder.with_target(false).try_init(),
        false => builder.fmt_fields(JsonFields).event_format(JsonLine).try_init(),
    };
    set.map_err(|error| anyhow::anyhow!("starting the log: {error}"))?;
    Ok(Log(lines))
}

/// The lines that wait to be written.
#[derive(Clone)]
struct Lines {
    waiting: Arc<Mutex<Vec<u8>>>,
    /// Held by who writes, so that lines stay in their order.
    turn: Arc<Mutex<()>>,
    wake: Sender<()>,
}

impl Lines {
    fn start() -> io::Result<Self> {
        let (wake, woken) = bounded(1);
        let lines = Self {
            waiting: Arc::default(),
            turn: Arc::default(),
            wake,
        };
        let (waiting, turn) = (lines.waiting.clone(), lines.turn.clone());
        let work = move || {
            while woken.recv().is_ok() {
                std::thread::sleep(DELAY);
                write_out(&waiting, &turn);
            }
        };
        std::thread::Builder::new().name("log".to_owned()).spawn(work)?;
        Ok(lines)
    }

    fn write_out(&self) {
        write_out(&self.waiting, &self.turn);
    }

    fn add(&self, line: &[u8]) {
        let mut waiting = lock(&self.waiting);
        let is_first = waiting.is_empty();
        waiting.extend_from_slice(line);
        let is_much = waiting.len() > MOST;
        drop(waiting);
        if is_much {
            self.write_out();
        } else if is_first {
            // If it is awake already, it sees this line too.
            let _ = self.wake.try_send(());
        }
    }
}

fn write_out(waiting: &Mutex<Vec<u8>>, turn: &Mutex<()>) {
    let _turn = lock(turn);
    let lines = mem::take(&mut *lock(waiting));
    // There is no other place to say that this one is gone.
    let _ = io::stderr().write_all(&lines);
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where one event's line goes.
struct Line<'a> {
    lines: &'a Lines,
    is_urgent: bool,
}

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.lines.add(line);
        if self.is_urgent {
            self.lines.write_out();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        let is_urgent = false;
        Line { lines: self, is_urgent }
    }

    /// A process that is about to end badly says so first, and that is not to be lost.
    fn make_writer_for(&'a self, about: &Metadata<'_>) -> Line<'a> {
        let is_urgent = *about.level() <= Level::WARN;
        Line { lines: self, is_urgent }
    }
}

/// An event as an object in JSON, with its fields and those of the request. The formatter of
/// `tracing-subscriber` says the same, and reads the request's fields again from their text for each event.
struct JsonLine;

/// Fields as members of an object, without its braces.
struct JsonFields;

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut line: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        line.write_str("{\"timestamp\":\"")?;
        SystemTime.format_time(&mut line)?;
        write!(line, "\",\"level\":\"{}\",", event.metadata().level())?;
        context.format_fields(line.by_ref(), event)?;
        if let Some(span) = context.lookup_current() {
            line.write_str(",\"span\":{")?;
            if let Some(fields) = span
                .extensions()
                .get::<FormattedFields<N>>()
                .filter(|fields| !fields.is_empty())
            {
                write!(line, "{fields},")?;
            }
            write!(line, "\"name\":\"{}\"}}", span.name())?;
        }
        line.write_str("}\n")
    }
}

impl<'a> FormatFields<'a> for JsonFields {
    fn format_fields<R: RecordFields>(&self, to: Writer<'a>, fields: R) -> fmt::Result {
        let mut members = Members {
            to,
            is_first: true,
            done: Ok(()),
        };
        fields.record(&mut members);
        members.done
    }

    fn add_fields(&self, known: &'a mut FormattedFields<Self>, fields: &Record<'_>) -> fmt::Result {
        if !known.fields.is_empty() {
            known.fields.push(',');
        }
        self.format_fields(known.as_writer(), fields)
    }
}

struct Members<'a> {
    to: Writer<'a>,
    is_first: bool,
    done: fmt::Result,
}

impl Members<'_> {
    fn add(&mut self, field: &Field, value: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        let comma = if mem::take(&mut self.is_first) { "" } else { "," };
        let name = field.name();
        // A keyword of Rust is the name of a field as `r#type`.
        let name = name.strip_prefix("r#").unwrap_or(name);
        self.done = self.done.and_then(|()| {
            write!(self.to, "{comma}\"{name}\":")?;
            value(&mut self.to)
        });
    }

    fn add_text(&mut self, field: &Field, text: fmt::Arguments<'_>) {
        self.add(field, |to| {
            to.write_char('"')?;
            Escaped(to).write_fmt(text)?;
            to.write_char('"')
        });
    }
}

impl Visit for Members<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add_text(field, format_args!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add_text(field, format_args!("{value}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, |to| write!(to, "{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, |to| write!(to, "{value}"));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        match value.is_finite() {
            true => self.add(field, |to| write!(to, "{value}")),
            false => self.record_debug(field, &value),
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, |to| write!(to, "{value}"));
    }
}

/// Text on its way into a string of JSON (RFC 8259 §7).
struct Escaped<'a, 'b>(&'a mut Writer<'b>);

impl fmt::Write for Escaped<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.find(|c: char| c < ' ' || matches!(c, '"' | '\\')) {
            let (before, from) = rest.split_at(at);
            self.0.write_str(before)?;
            match from.as_bytes()[0] {
                b'\n' => self.0.write_str("\\n")?,
                mark @ (b'"' | b'\\') => write!(self.0, "\\{}", char::from(mark))?,
                control => write!(self.0, "\\u{control:04x}")?,
            }
            rest = &from[1..];
        }
        self.0.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn logged(happens: impl FnOnce()) -> Vec<Value> {
        let lines = Lines::start().unwrap();
        let to = lines.clone();
        // Nobody writes it out: held by this test.
        let _turn = lock(&lines.turn);
        let builder = tracing_subscriber::fmt().with_writer(to);
        let subscriber = builder.fmt_fields(JsonFields).event_format(JsonLine).finish();
        tracing::subscriber::with_default(subscriber, happens);
        let text = String::from_utf8(mem::take(&mut *lock(&lines.waiting))).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn a_line_has_the_event_and_its_request() {
        let lines = logged(|| {
            let path = "/a\"b\\c\n\u{1}é";
            let request = tracing::info_span!("request", id = "x", %path, user = tracing::field::Empty).entered();
            request.record("user", "ada");
            tracing::info!(status = 200_u16, micros = 7_u64, secure = true, error = ?Some("e"), "answered");
            tracing::info!("no more");
        });
        assert!(lines[0]["timestamp"].as_str().unwrap().ends_with('Z'));
        let span = json!({ "id": "x", "path": "/a\"b\\c\n\u{1}é", "user": "ada", "name": "request" });
        assert_eq!(lines[0]["span"], span);
        assert_eq!(
            (&lines[0]["level"], &lines[0]["message"]),
            (&json!("INFO"), &json!("answered"))
        );
        assert_eq!((&lines[0]["status"], &lines[0]["secure"]), (&json!(200), &json!(true)));
        assert_eq!(lines[0]["error"], json!("Some(\"e\")"));
        assert_eq!((&lines[1]["span"], &lines[1]["message"]), (&span, &json!("no more")));
    }
}
