//! Imports and exports of users: files of this server and of other systems.

mod api;
mod command;
mod exported;
mod hostile;
mod resumed;
mod rules;
mod systems;
mod tables;

use crate::support::{Person, Reply, roles::USERS};
use reqwest::Method;
use serde_json::{Value, json};

/// What hashes here are of, if nothing else is said.
const PASSPHRASE: &str = "an imported passphrase, läng";
/// A hash of it.
const BCRYPT: &str = "$2b$06$MG0wQTCvpoObj6v.a6L7Y.bMdh8pI3GK4uHRurt05mDGAntlK.SHq";

const IMPORTS: &str = "/apis/console/v1alpha1/user-imports";
const EXPORTS: &str = "/apis/console/v1alpha1/user-exports";

/// Rows of so many users, whose names begin so, below the columns `name` and `email`.
pub(crate) fn rows(start: &str, users: usize) -> String {
    let names: Vec<_> = (0..users).map(|number| format!("{start}-{number}")).collect();
    names
        .iter()
        .flat_map(|name| [name, ",", name, "@example.test\n"])
        .collect()
}

/// Sends a file to be imported, with these texts before it.
async fn send(who: &Person<'_>, texts: &[(&str, &str)], (name, file): (&str, &[u8])) -> Reply {
    let texts = texts
        .iter()
        .map(|(name, text)| format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n"));
    let texts: String = texts.collect();
    let part = format!("--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
    let body = [texts.as_bytes(), part.as_bytes(), file, b"\r\n--XX--\r\n"].concat();
    let request = who.request(Method::POST, IMPORTS);
    let request = request.header("content-type", "multipart/form-data; boundary=XX");
    who.send(request.body(body)).await
}

/// Has a file imported, and answers the import when it is done.
async fn import(who: &Person<'_>, texts: &[(&str, &str)], file: (&str, &[u8])) -> Value {
    let made = send(who, texts, file).await.expect(200);
    who.tenant.app.work().await;
    see(who, &made).await
}

/// The import as it is now.
async fn see(who: &Person<'_>, import: &Value) -> Value {
    who.get(&path(import)).await.expect(200)
}

fn path(import: &Value) -> String {
    format!("{IMPORTS}/{}", import["metadata"]["name"].as_str().unwrap())
}

/// How many rows came to what: created, unchanged, rejected.
fn counts(import: &Value) -> [i64; 3] {
    ["created", "unchanged", "rejected"].map(|count| import["status"][count].as_i64().unwrap())
}

/// What is wrong with the file: row, field and code.
async fn rejections(who: &Person<'_>, import: &Value) -> Vec<(i64, String, String)> {
    let path = format!("{}/rejections?sort=row&size=200", path(import));
    let list = who.get(&path).await.expect(200);
    let each = list["items"].as_array().unwrap().iter().map(|wrong| {
        assert!(!wrong["message"].as_str().unwrap().is_empty(), "{wrong}");
        let text = |field: &str| wrong[field].as_str().unwrap_or_default().to_owned();
        (wrong["row"].as_i64().unwrap(), text("field"), text("code"))
    });
    each.collect()
}

/// The same, short.
fn wrong(row: i64, field: &str, code: &str) -> (i64, String, String) {
    (row, field.to_owned(), code.to_owned())
}

/// The user of this name.
async fn user(who: &Person<'_>, name: &str) -> Value {
    who.get(&format!("{USERS}/{name}")).await.expect(200)
}

/// Whether somebody signs in with this password.
async fn signs_in(who: &Person<'_>, name: &str, password: &str) -> bool {
    let given = json!({ "username": name, "password": password });
    who.tenant.anybody().post("/v1/login", &given).await.status == 200
}

/// All users but the owner, as they are exported.
async fn export(who: &Person<'_>, path: &str) -> String {
    let reply = who.get(path).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.text
}
