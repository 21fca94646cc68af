//! Backups: a tenant in one file, and a tenant out of it again.

mod api;
mod gap;
mod killed;
mod read_back;
mod refused;
mod restored;
mod scheduled;
mod told;
mod undone;

use crate::support::{Person, Reply, TestApp, roles::CONSOLE};
use futures_util::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};
use tenantry::{
    account::{How, Restoring},
    backup::{self, Checked},
    kit::{archive::BackupKeys, blob::Reading},
};

/// The key of two instances of which one may read what the other wrote.
const KEY: &str = "bWFzdGVyIGtleSBvZiB0aGUgdGVzdHMgb2YgYmFja3U";

/// A server on an empty database, whose job after the keys may be left.
async fn instance() -> TestApp {
    let mut app = TestApp::start_with(|config| config.master_key = Some(KEY.to_owned())).await;
    app.abandon_jobs();
    app
}

/// Has a backup made, and returns it when it is there.
async fn make(owner: &Person<'_>, spec: Value) -> Value {
    let made = owner
        .post(&format!("{CONSOLE}/backups"), &json!({ "spec": spec }))
        .await;
    let name = made.expect(200)["metadata"]["name"].clone();
    owner.tenant.app.work().await;
    owner.get(&path(&name)).await.expect(200)
}

fn path(name: &Value) -> String {
    format!("{CONSOLE}/backups/{}", name.as_str().unwrap())
}

fn file_of(backup: &Value) -> String {
    let file = backup["status"]["filename"].as_str().unwrap();
    format!("{}/files/{file}", path(&backup["metadata"]["name"]))
}

/// The file of a backup.
async fn download(owner: &Person<'_>, backup: &Value) -> Vec<u8> {
    let reply = owner.request(Method::GET, &file_of(backup)).send().await.unwrap();
    assert_eq!(reply.status(), 200);
    reply.bytes().await.unwrap().to_vec()
}

/// A form with these texts.
fn form(texts: &[(&str, &str)]) -> String {
    let parts = texts
        .iter()
        .map(|(name, text)| format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n"));
    parts.chain(["--XX--\r\n".to_owned()]).collect()
}

/// Asks for a restore of this file, with these texts before it.
async fn send(who: &Person<'_>, texts: &[(&str, &str)], file: &[u8]) -> Reply {
    let head = form(texts).replace("--XX--\r\n", "");
    let part = "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.tntb\"\r\n\r\n";
    let body = [head.as_bytes(), part.as_bytes(), file, b"\r\n--XX--\r\n"].concat();
    let request = who.request(Method::POST, &format!("{CONSOLE}/restorations"));
    let request = request.header("content-type", "multipart/form-data; boundary=XX");
    who.send(request.body(body)).await
}

/// The contents in the store.
async fn contents(app: &TestApp) -> Vec<String> {
    let keys = app.app.files.list("").await.unwrap();
    keys.into_iter().filter(|key| key.contains("/b/")).collect()
}

/// Uploads a short text.
async fn upload(owner: &Person<'_>) -> Value {
    let text = "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhello\r\n--XX--\r\n";
    let upload = owner.request(Method::POST, &format!("{CONSOLE}/attachments/upload"));
    let upload = upload.header("content-type", "multipart/form-data; boundary=XX");
    owner.send(upload.body(text)).await.expect(200)
}

/// Bytes as they come.
fn reading(bytes: &[u8]) -> Reading {
    let parts: Vec<_> = bytes.chunks(10_007).map(|part| Ok(part.to_vec().into())).collect();
    futures_util::stream::iter(parts).boxed()
}

/// What a file is, read with the keys of this server.
async fn check(app: &TestApp, file: &[u8]) -> anyhow::Result<Checked> {
    backup::check(&BackupKeys::of(&app.app.services.master), &[], reading(file)).await
}

/// Restores a file on this server.
async fn restore(app: &TestApp, file: &[u8]) -> anyhow::Result<()> {
    let read = Restoring::read(&app.app.services, &*app.app.files, &[], reading(file), How::default()).await?;
    read.put(reading(file)).await?;
    // What a server knows of a tenant, it knows for a second.
    app.advance(1);
    Ok(())
}
