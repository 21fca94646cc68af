//! A real SMTP server (aiosmtpd) that keeps what it is sent.

use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        LazyLock, Mutex, OnceLock,
        mpsc::{Receiver, channel},
    },
    thread,
};

/// A port that relays of tenants may have in every test.
pub(crate) static PORT: LazyLock<u16> = LazyLock::new(super::free_port);
static RELAY: OnceLock<Mutex<Sink>> = OnceLock::new();

/// The domain of addresses that the relay on [`PORT`] does not know.
pub(crate) const GONE: &str = "gone.example";

/// Starts a relay on [`PORT`], unless there is one, and returns a sender of this name by it. It is off, so that mail
/// is kept as before.
pub(crate) fn sender(name: &str) -> Value {
    RELAY.get_or_init(|| Mutex::new(Sink::start(*PORT, &["--unknown-at", GONE])));
    let mut sender = sender_at(name, *PORT);
    sender["spec"]["enabled"] = false.into();
    sender
}

/// A sender of this name by a relay of this machine.
pub(crate) fn sender_at(name: &str, port: u16) -> Value {
    json!({ "metadata": { "name": name }, "spec": {
        "displayName": name, "host": "127.0.0.1", "port": port, "encryption": "none",
        "fromAddress": format!("{name}@mail.example"),
    } })
}

/// A running SMTP server; it ends when it is dropped, or when this process does.
pub(crate) struct Sink {
    child: Child,
    /// The server lives as long as this is open.
    alive: Option<ChildStdin>,
    /// The messages, read as they come: a server whose output nobody takes would stop when the pipe is full.
    messages: Receiver<String>,
    pub(crate) port: u16,
}

impl Sink {
    /// Starts a server with these options of `scripts/smtp-sink.py`; port 0 takes a free one.
    pub(crate) fn start(port: u16, options: &[&str]) -> Self {
        let python = std::env::var("TEST_PYTHON")
            .expect("TEST_PYTHON names a Python with aiosmtpd: `scripts/test` sets it, or run `scripts/setup` and use target/venv/bin/python");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/smtp-sink.py");
        let mut child = Command::new(python)
            .arg(script)
            .arg(port.to_string())
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let alive = child.stdin.take().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.next().unwrap().unwrap().trim().parse().unwrap();
        let (message, messages) = channel();
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                // A test may end before its server has said everything.
                let _ = message.send(line);
            }
        });
        Self {
            child,
            alive: Some(alive),
            messages,
            port,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// Waits for the next message.
    pub(crate) fn next(&mut self) -> Value {
        serde_json::from_str(&self.messages.recv().expect("the SMTP server lives")).unwrap()
    }

    /// Stops the server and returns the messages nobody has asked for.
    pub(crate) fn stop(mut self) -> Vec<Value> {
        // Closing its standard input ends it, after what it has begun.
        self.alive = None;
        let rest = self
            .messages
            .iter()
            .map(|line| serde_json::from_str(&line).unwrap())
            .collect();
        self.child.wait().unwrap();
        rest
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
