//! Files that are sealed and signed as they should be, and that this version cannot read all the same.

use super::{check, download, instance, make, send};
use crate::support::{Person, TestApp};
use serde_json::{Value, json};
use tenantry::kit::{
    archive::{BackupKeys, FileKey, Header, Kind, Sealer, record_head},
    blob::Hash,
};

/// A file that this server might have made, with this header and these tables and their rows.
fn made_by(app: &TestApp, mut header: Header, tables: &[(Value, &[Value])]) -> Vec<u8> {
    let keys = BackupKeys::of(&app.app.services.master);
    let key = FileKey::generate();
    header.recipients = vec![keys.recipient(&header.id, &key)];
    let mut sealer = Sealer::new(&header, &key, &keys).unwrap();
    let mut record = |kind, body: &Value| {
        let body = body.to_string();
        sealer.record(kind, body.as_bytes()).unwrap();
        [&record_head(kind, body.len())[..], body.as_bytes()].concat()
    };
    let begin = json!({ "auditHead": "0:", "bounceKey": "", "snapshotAt": "2026-01-01T00:00:00Z" });
    record(Kind::Begin, &begin);
    let mut ends = vec![];
    for (head, rows) in tables {
        record(Kind::Table, head);
        let mut hash = Hash::default();
        for row in *rows {
            hash.update(&record(Kind::Row, row));
        }
        let end = json!({ "name": head["name"], "rows": rows.len(), "sha256": hash.finish() });
        record(Kind::TableEnd, &end);
        ends.push(end);
    }
    record(
        Kind::Manifest,
        &json!({ "auditHead": "0:", "bytes": 0, "files": 0, "tables": ends }),
    );
    [sealer.take(), sealer.finish().unwrap()].concat()
}

/// How a file is refused: by its code, and by what is said of it.
async fn refusal(owner: &Person<'_>, file: &[u8]) -> (u16, String, String) {
    let reply = send(owner, &[], file).await;
    let (status, code) = reply.problem();
    let words = reply.json()["errors"][0]["detail"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    (status, code, words)
}

#[tokio::test]
async fn a_file_of_another_schema_is_refused_by_name() {
    let app = instance().await;
    let owner = app.default_tenant().owner().await;
    let file = download(&owner, &make(&owner, json!({})).await).await;
    let ours = check(&app, &file).await.unwrap().opened.header;
    let table = |name: &str, columns: &[(&str, &str)]| {
        let columns: Vec<_> = columns
            .iter()
            .map(|(name, kind)| json!({ "name": name, "type": kind }))
            .collect();
        json!({ "columns": columns, "name": name })
    };
    let counter = || table("counter", &[("name", "text"), ("value", "int")]);
    let whole = made_by(&app, ours.clone(), &[(counter(), &[json!(["a", 1])])]);
    let read = send(&owner, &[], &whole).await;
    assert_eq!(read.status, 200, "what is as it should be is read: {}", read.text);

    let later = Header {
        schema: "m9999_later".to_owned(),
        ..ours.clone()
    };
    let (status, code, _) = refusal(&owner, &made_by(&app, later, &[])).await;
    assert_eq!((status, code.as_str()), (400, "backup_newer"));

    let other = Header {
        steps: "AAAA".to_owned(),
        ..ours.clone()
    };
    let mut files = vec![(made_by(&app, other, &[]), "its schema has another history")];
    for (table, rows, why) in [
        (
            table("counter", &[("name", "text")]),
            vec![],
            "a table has other columns",
        ),
        (
            table("elsewhere", &[]),
            vec![],
            "it has a table that its schema has not",
        ),
        (counter(), vec![json!(["a"])], "a row has not the columns of its table"),
        (counter(), vec![json!(["a", "b"])], "a row has a value of another type"),
    ] {
        files.push((made_by(&app, ours.clone(), &[(table, &rows)]), why));
    }
    for (file, why) in files {
        let (status, code, words) = refusal(&owner, &file).await;
        assert_eq!((status, code.as_str()), (400, "backup_damaged"), "{why}");
        assert!(words.starts_with(why), "{words}");
    }
}
