//! A change of the audit trail in the database is found out.

use crate::support::roles::{make_role, make_user};
use crate::support::{Person, TestApp};
use serde_json::{Value, json};

const VERIFICATION: &str = "/apis/console/v1alpha1/audit-events/-/verification";

/// What to do in the database, what undoes it, and the first event that is not as it was.
fn faults() -> Vec<(String, String, i64)> {
    let set = |column: &str, value: &str, sequence: i64| {
        let keep = format!("create table kept as select * from audit_event where sequence = {sequence}");
        let change = format!("update audit_event set {column} = {value} where sequence = {sequence}");
        let undo = format!("delete from audit_event where sequence = {sequence}");
        let back = "insert into audit_event select * from kept; drop table kept";
        (format!("{keep}; {change}"), format!("{undo}; {back}"), sequence)
    };
    let swap = |a: i64, b: i64| {
        let step = |from: i64, to: i64| format!("update audit_event set sequence = {to} where sequence = {from}");
        let both = format!("{}; {}; {}", step(a, -1), step(b, a), step(-1, b));
        (both.clone(), both, a.min(b))
    };
    let mut faults: Vec<_> = [
        ("actor", "'eve'"),
        ("actor_id", "null"),
        ("session_id", "null"),
        ("ip_address", "'10.0.0.1'"),
        ("user_agent", "'x'"),
        ("request_id", "'x'"),
        ("action", "'users:get'"),
        ("object", "'x'"),
        ("outcome", "'denied'"),
        ("code", "'x'"),
        ("changes", "'[]'"),
        ("changes", "changes || ' '"),
        ("hash", "(select hash from audit_event where sequence = 2)"),
        ("at", "(select at from audit_event where sequence = 1)"),
    ]
    .into_iter()
    .map(|(column, value)| set(column, value, 5))
    .collect();
    faults.push(set("object", "'x'", 1));
    faults.push(set("object", "'x'", 8));
    for sequence in [1, 4] {
        let (_, undo, _) = set("object", "object", sequence);
        let keep = format!("create table kept as select * from audit_event where sequence = {sequence}");
        let change = format!("delete from audit_event where sequence = {sequence}");
        faults.push((format!("{keep}; {change}"), undo, sequence));
    }
    faults.push(swap(3, 4));
    faults.push(swap(6, 2));
    faults
}

async fn verify(owner: &Person<'_>) -> Value {
    owner.get(VERIFICATION).await.expect(200)
}

/// A tenant whose trail has eight events, the first two at another time than the others.
async fn prepare(app: &TestApp) -> Person<'_> {
    let owner = app.default_tenant().owner().await;
    app.advance(60);
    for name in ["ada", "bob", "cy"] {
        make_role(&owner, name, "", &[]).await;
        make_user(&owner, name, name).await;
    }
    owner
}

#[tokio::test]
async fn every_change_of_an_event_in_the_database_is_found() {
    let app = TestApp::start().await;
    let owner = prepare(&app).await;
    let intact = verify(&owner).await;
    assert_eq!((&intact["intact"], &intact["events"]), (&json!(true), &json!(8)));
    assert!(intact["head"].as_str().unwrap().starts_with("8:") && intact.get("brokenAt").is_none());
    for (fault, undo, broken_at) in faults() {
        app.execute(&fault).await;
        let found = verify(&owner).await;
        assert_eq!(
            (&found["intact"], &found["brokenAt"]),
            (&json!(false), &json!(broken_at)),
            "{fault}"
        );
        assert_eq!(found["events"], broken_at - 1, "{fault}");
        app.execute(&undo).await;
        assert_eq!(verify(&owner).await, intact, "{undo}");
    }
}

#[tokio::test]
async fn an_event_that_was_added_in_the_database_is_found() {
    let app = TestApp::start().await;
    let owner = prepare(&app).await;
    let intact = verify(&owner).await;
    let copy = "create table kept as select * from audit_event where sequence = 3; \
                update kept set sequence = 9; insert into audit_event select * from kept; drop table kept";
    app.execute(copy).await;
    let found = verify(&owner).await;
    assert_eq!((&found["intact"], &found["brokenAt"]), (&json!(false), &json!(9)));
    app.execute("delete from audit_event where sequence = 9").await;
    assert_eq!(verify(&owner).await, intact);
}

/// The chain itself cannot show that its end is missing; a note of its head can.
#[tokio::test]
async fn a_trail_whose_end_was_cut_off_has_another_head() {
    let app = TestApp::start().await;
    let owner = prepare(&app).await;
    let noted = verify(&owner).await["head"].clone();
    app.execute("delete from audit_event where sequence > 6").await;
    let found = verify(&owner).await;
    assert!(found["head"].as_str().unwrap().starts_with("6:"), "{found}");
    make_role(&owner, "x", "", &[]).await;
    make_role(&owner, "y", "", &[]).await;
    let found = verify(&owner).await;
    assert_eq!(found["intact"], true);
    assert!(found["head"].as_str().unwrap().starts_with("8:"));
    assert_ne!(found["head"], noted);
}
