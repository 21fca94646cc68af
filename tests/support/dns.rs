//! A name server that says what a test has it say.

use std::{
    collections::HashMap,
    net::{SocketAddr, UdpSocket},
    sync::{Arc, LazyLock, Mutex},
    thread,
};

/// Bytes of the head of a message (RFC 1035 §4.1.1).
const HEAD: usize = 12;

/// Texts by name; nothing while it says nothing.
type Texts = Arc<Mutex<Option<HashMap<String, Vec<String>>>>>;

/// The one of a server that was given no other. It knows no name until it is told.
pub(crate) static USUAL: LazyLock<Dns> = LazyLock::new(Dns::start);

/// A running name server; it ends with the process.
pub(crate) struct Dns {
    pub(crate) address: SocketAddr,
    texts: Texts,
}

impl Dns {
    pub(crate) fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let texts: Texts = Arc::new(Mutex::new(Some(HashMap::new())));
        let said = texts.clone();
        thread::spawn(move || {
            let mut packet = [0; 4096];
            while let Ok((length, from)) = socket.recv_from(&mut packet) {
                let answer = answer(&packet[..length], said.lock().unwrap().as_ref());
                // Whoever asked may be gone.
                let _ = socket.send_to(&answer, from);
            }
        });
        Self { address, texts }
    }

    /// Has it say these texts of a name from now on; none are no such name.
    pub(crate) fn say(&self, name: &str, texts: &[&str]) {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        let mut all = self.texts.lock().unwrap();
        all.get_or_insert_default().insert(name.to_ascii_lowercase(), texts);
    }

    /// Has it answer every question with a failure from now on.
    pub(crate) fn fail(&self) {
        *self.texts.lock().unwrap() = None;
    }
}

/// The name of a question, and where it ends.
fn name_of(packet: &[u8]) -> (String, usize) {
    let (mut labels, mut at) = (vec![], HEAD);
    while packet[at] != 0 {
        let length = usize::from(packet[at]);
        labels.push(String::from_utf8(packet[at + 1..=at + length].to_vec()).unwrap());
        at += length + 1;
    }
    (labels.join(".").to_ascii_lowercase(), at + 1)
}

fn answer(packet: &[u8], texts: Option<&HashMap<String, Vec<String>>>) -> Vec<u8> {
    let (name, end) = name_of(packet);
    // With its type and class.
    let question = &packet[HEAD..end + 4];
    let found = texts.and_then(|texts| texts.get(&name)).cloned().unwrap_or_default();
    let code = match (texts, found.is_empty()) {
        (None, _) => 2,
        (Some(_), true) => 3,
        (Some(_), false) => 0,
    };
    let count = u16::try_from(found.len()).unwrap();
    let mut message = packet[..2].to_vec();
    message.extend([0x81, 0x80 | code, 0, 1]);
    message.extend(count.to_be_bytes());
    message.extend([0; 4]);
    message.extend(question);
    for text in found {
        let strings: Vec<u8> = text
            .as_bytes()
            .chunks(255)
            .flat_map(|part| [&[u8::try_from(part.len()).unwrap()], part].concat())
            .collect();
        // The name of the question, TXT, IN, for a minute.
        message.extend([0xc0, 0x0c, 0, 16, 0, 1, 0, 0, 0, 60]);
        message.extend(u16::try_from(strings.len()).unwrap().to_be_bytes());
        message.extend(strings);
    }
    message
}
