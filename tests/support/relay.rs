//! A relay that answers as a test says: for what no mail server does when it is well.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// Closes the connection instead of an answer.
pub(crate) const CLOSE: &str = "CLOSE";
/// Never answers.
pub(crate) const HANG: &str = "HANG";

/// A running relay; it ends with the test.
pub(crate) struct Relay {
    pub(crate) port: u16,
    script: Arc<Mutex<Script>>,
}

#[derive(Default)]
struct Script {
    answers: HashMap<&'static str, String>,
    /// Every line that clients said, but for those of mails.
    said: Vec<String>,
    /// Mails that were taken.
    taken: Vec<String>,
}

impl Relay {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let script = Arc::<Mutex<Script>>::default();
        let relay = Self {
            port,
            script: script.clone(),
        };
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(socket, script.clone()));
            }
        });
        relay
    }

    /// From now on answers so to `GREETING`, `EHLO`, `AUTH`, `MAIL`, `RCPT`, `DATA` or `DOT`.
    pub(crate) fn answer(&self, to: &'static str, answer: &str) {
        self.script.lock().unwrap().answers.insert(to, answer.to_owned());
    }

    /// Is well from now on.
    pub(crate) fn heal(&self) {
        self.script.lock().unwrap().answers.clear();
    }

    /// The mails that were taken.
    pub(crate) fn taken(&self) -> Vec<String> {
        self.script.lock().unwrap().taken.clone()
    }

    /// The last line that was said and begins so.
    pub(crate) fn last(&self, begin: &str) -> String {
        let script = self.script.lock().unwrap();
        let mut said = script.said.iter().rev();
        said.find(|line| line.starts_with(begin)).unwrap().clone()
    }

    /// How many lines were said that begin so.
    pub(crate) fn count(&self, begin: &str) -> usize {
        let script = self.script.lock().unwrap();
        script.said.iter().filter(|line| line.starts_with(begin)).count()
    }
}

/// What a mail says under this header.
pub(crate) fn header(mail: &str, name: &str) -> String {
    let begin = format!("{name}: ");
    let line = mail.lines().find_map(|line| line.strip_prefix(&begin));
    line.unwrap_or_else(|| panic!("{name} in {mail}")).to_owned()
}

async fn serve(socket: TcpStream, script: Arc<Mutex<Script>>) {
    let mut stream = BufReader::new(socket);
    let usual = |verb: &str| match verb {
        "GREETING" => "220 relay.example ESMTP",
        "EHLO" => "250-relay.example\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME",
        "AUTH" => "235 2.7.0 Accepted",
        "DATA" => "354 go on",
        "DOT" => "250 2.0.0 queued as 42",
        _ => "250 2.0.0 OK",
    };
    let answer_to = |verb: &str| {
        let script = script.lock().unwrap();
        script
            .answers
            .get(verb)
            .cloned()
            .unwrap_or_else(|| usual(verb).to_owned())
    };
    let (mut verb, mut mail) = ("GREETING".to_owned(), None::<String>);
    loop {
        let answer = answer_to(&verb);
        match answer.as_str() {
            CLOSE => return,
            HANG => return std::future::pending().await,
            _ => {}
        }
        if let Some(mail) = mail.take().filter(|_| answer.starts_with("25")) {
            script.lock().unwrap().taken.push(mail);
        }
        if stream.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
            return;
        }
        let mut line = String::new();
        if verb == "DATA" && answer.starts_with('3') {
            let mut text = String::new();
            while line != ".\r\n" {
                text.push_str(&line);
                line.clear();
                if stream.read_line(&mut line).await.unwrap_or_default() == 0 {
                    return;
                }
            }
            (verb, mail) = ("DOT".to_owned(), Some(text));
            continue;
        }
        if stream.read_line(&mut line).await.unwrap_or_default() == 0 {
            return;
        }
        verb = line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        script.lock().unwrap().said.push(line);
    }
}
