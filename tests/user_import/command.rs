//! `tenantry user import` and `tenantry user export`.

use super::{BCRYPT, PASSPHRASE};
use crate::support::{
    client,
    database::Database,
    program::{Program, run},
};
use serde_json::json;

#[tokio::test]
async fn a_file_is_imported_and_exported_by_commands() {
    let database = Database::create().await;
    drop(Program::start(&database, &[]));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.csv");
    let file = format!(
        "name,email,roles,passwordHash\nada,ada@example.test,owner,{BCRYPT}\nbob,nowhere,,\neve,eve@example.test,,\n"
    );
    std::fs::write(&path, file).unwrap();
    let path = path.to_str().unwrap();
    let told = |arguments: &[&str]| {
        let done = run(&database, &[&["user"], arguments].concat(), "");
        let text = [done.stdout, done.stderr].map(|text| String::from_utf8(text).unwrap());
        (done.status.success(), text[0].clone(), text[1].clone())
    };
    let (ok, said, why) = told(&["import", path, "--dry-run"]);
    assert!(
        said.contains("2 would be created, 0 unchanged, 1 rejected."),
        "{said} {why}"
    );
    assert!(
        said.contains("row 3: email must be one e-mail address") && !ok,
        "{said} {why}"
    );
    let (_, said, why) = told(&["import", path]);
    assert!(said.contains("2 created, 0 unchanged, 1 rejected."), "{said} {why}");
    let (_, said, _) = told(&["import", path]);
    assert!(said.contains("0 created, 2 unchanged, 1 rejected."), "{said}");

    let (ok, plain, why) = told(&["export"]);
    assert!(
        ok && plain.lines().count() == 3 && !plain.contains(BCRYPT),
        "{plain} {why}"
    );
    let (ok, table, why) = told(&["export", "--format", "csv", "--with-hashes"]);
    assert!(
        ok && table.starts_with("id,name,email,") && table.contains(BCRYPT),
        "{table} {why}"
    );
    let again = folder.path().join("again.csv");
    std::fs::write(&again, table).unwrap();
    let (ok, said, why) = told(&["import", again.to_str().unwrap()]);
    assert!(
        ok && said.contains("0 created, 3 unchanged, 0 rejected."),
        "{said} {why}"
    );
    let (ok, _, why) = told(&["import", "/nowhere/a.csv"]);
    assert!(!ok && why.contains("reading the file"), "{why}");

    let program = Program::start(&database, &[]);
    let given = json!({ "username": "ada", "password": PASSPHRASE });
    let reply = client()
        .post(format!("{}/v1/login", program.base))
        .json(&given)
        .send()
        .await;
    assert_eq!(reply.unwrap().status(), 200);
}
