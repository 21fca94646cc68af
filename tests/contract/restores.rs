//! Restores that tests of all operations need.

use super::makers::{CONSOLE, FORM, make_backup, texts};
use crate::support::{Person, Reply};
use reqwest::Method;
use serde_json::{Value, json};

/// What the file of the newest backup is called.
pub(super) async fn newest_backup(owner: &Person<'_>) -> Value {
    let files = owner.get(&format!("{CONSOLE}/backup-files")).await.expect(200);
    files[0]["filename"].clone()
}

/// Asks what a restore of the newest backup would do.
pub(super) async fn look_at_newest_backup(owner: &Person<'_>, path: &str) -> Reply {
    let form = json!({ "filename": newest_backup(owner).await, "dryRun": "true" });
    let request = owner.request(Method::POST, path).header("content-type", FORM);
    owner.send(request.body(texts(form.as_object().unwrap()))).await
}

/// A restore that can be undone; whoever is signed in stays so.
pub(super) async fn make_restoration(owner: &Person<'_>) -> Value {
    make_backup(owner).await;
    let form = json!({ "filename": newest_backup(owner).await, "dryRun": "false", "keepSessions": "true" });
    let request = owner.request(Method::POST, &format!("{CONSOLE}/restorations"));
    let request = request.header("content-type", FORM);
    let done = owner.send(request.body(texts(form.as_object().unwrap()))).await;
    done.expect(200)["metadata"]["name"].clone()
}

/// A restore that was refused: a file of this name is no backup.
pub(super) async fn make_refused_restoration(owner: &Person<'_>, name: &str) -> Value {
    let text = "--XX\r\nContent-Disposition: form-data; name=\"dryRun\"\r\n\r\nfalse\r\n";
    let head = format!("--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}.tntb\"\r\n\r\n");
    let request = owner.request(Method::POST, &format!("{CONSOLE}/restorations"));
    let request = request.header("content-type", FORM);
    let refused = owner
        .send(request.body(format!("{text}{head}none\r\n--XX--\r\n")))
        .await;
    assert_eq!(refused.problem(), (400, "not_a_backup".to_owned()));
    let list = owner.get(&format!("{CONSOLE}/restorations")).await.expect(200);
    list["items"][0]["metadata"]["name"].clone()
}
