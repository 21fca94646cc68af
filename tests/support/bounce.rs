//! What comes back of a mail: reports of mail systems, brought by an SMTP client of Python.

use super::TestApp;
use aws_lc_rs::hmac;
use std::{
    fmt::Write as _,
    io::Write as _,
    process::{Command, Stdio},
};
use tenantry::{
    account,
    kit::mail::{BounceToken, TENANT_KEY},
};
use tokio::net::TcpListener;

/// Brings a mail to an address, and prints the code of each answer.
const CLIENT: &str = "
import smtplib, sys
port, to = int(sys.argv[1]), sys.argv[2]
mail = sys.stdin.buffer.read()
with smtplib.SMTP('127.0.0.1', port, timeout=30) as smtp:
    smtp.ehlo('mx.example')
    codes = [smtp.mail('')[0], smtp.rcpt(to)[0]]
    if codes[-1] == 250:
        code, _ = smtp.docmd('DATA')
        smtp.sock.sendall(mail + b'.\\r\\n')
        codes += [code, smtp.getreply()[0]]
    print(*codes)
";

/// Has the server take bounces, and answers at which port.
pub(crate) async fn listen(app: &TestApp) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = app.app.clone();
    tokio::spawn(async move { account::receive_bounces(&server, listener, std::future::pending()).await });
    port
}

/// Brings a mail by SMTP, and answers what was said to `MAIL`, `RCPT`, `DATA` and the mail.
pub(crate) async fn bring(port: u16, to: &str, mail: &[u8]) -> String {
    let (to, mail) = (to.to_owned(), mail.to_vec());
    let client = tokio::task::spawn_blocking(move || {
        let python = std::env::var("TEST_PYTHON").expect("TEST_PYTHON names a Python: `scripts/test` sets it");
        let mut child = Command::new(python)
            .args(["-c", CLIENT, &port.to_string(), &to])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(&mail).unwrap();
        child.wait_with_output().unwrap()
    });
    let said = client.await.unwrap();
    String::from_utf8(said.stdout).unwrap().trim().to_owned()
}

/// A report that a mail system makes of a mail it could not deliver (RFC 3464).
pub(crate) fn dsn(action: &str, status: &str, words: &str) -> Vec<u8> {
    report(
        "delivery-status",
        &format!(
            "Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; ada@example.com\nAction: {action}\n\
             Status: {status}\nDiagnostic-Code: smtp; {words}\n"
        ),
    )
}

/// A complaint in the abuse reporting format (RFC 5965).
pub(crate) fn complaint(kind: &str) -> Vec<u8> {
    let fields = format!("Feedback-Type: {kind}\nUser-Agent: Example/1.0\nVersion: 1\n");
    report("feedback-report", &fields)
}

fn report(subtype: &str, fields: &str) -> Vec<u8> {
    let text = format!(
        "From: MAILER-DAEMON@mx.example\nSubject: Report\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type={subtype}; boundary=\"x\"\n\n\
         --x\nContent-Type: text/plain\n\nSorry.\n\n\
         --x\nContent-Type: message/{subtype}\n\n{fields}\n\
         --x\nContent-Type: message/rfc822\n\nSubject: A code\n\nText\n\n--x--\n"
    );
    text.replace('\n', "\r\n").into_bytes()
}

/// A local part of this server for a message of another tenant's key.
pub(crate) fn foreign(app: &TestApp, local: &str) -> String {
    let master = &app.app.services.master;
    let token = BounceToken::parse(master, local).unwrap();
    let tenant = [7; TENANT_KEY];
    BounceToken { tenant, ..token }.local_part(master)
}

/// The signature of a report by a mail provider that has this secret.
pub(crate) fn sign(app: &TestApp, secret: &str, body: &str) -> String {
    let seconds = app.clock.now().timestamp();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let proof = hmac::sign(&key, format!("{seconds}.{body}").as_bytes());
    let mut signature = format!("t={seconds},v1=");
    for byte in proof.as_ref() {
        write!(signature, "{byte:02x}").unwrap();
    }
    signature
}
