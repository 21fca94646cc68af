//! Label and field selectors.

use super::{USERS, found, make};
use crate::support::{Person, TestApp};
use serde_json::{Value, json};

async fn people(owner: &Person<'_>) {
    make(
        owner,
        "anna",
        json!({ "labels": { "team": "core", "acme.example/floor": "3" } }),
    )
    .await;
    make(
        owner,
        "bert",
        json!({ "labels": { "team": "ops", "team2": "core" }, "displayName": "Bert B" }),
    )
    .await;
    make(
        owner,
        "cara",
        json!({ "labels": { "team": "" }, "displayName": "cara c, (é)" }),
    )
    .await;
    make(
        owner,
        "dora",
        json!({ "displayName": "Bert B", "email": "Dora@Example.test" }),
    )
    .await;
    let proven = json!({ "email": "dora@example.test", "verified": true });
    owner.put(&format!("{USERS}/dora/email"), &proven).await.expect(200);
    owner
        .post(&format!("{USERS}/bert/disable"), &Value::Null)
        .await
        .expect(200);
}

#[tokio::test]
async fn labels_are_selected_by_every_operator() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    people(&owner).await;

    for (selector, expected) in [
        ("team=core", &["anna"][..]),
        ("team==core", &["anna"]),
        (" team = core ", &["anna"]),
        ("team!=core", &["admin", "bert", "cara", "dora"]),
        ("team=(core,ops)", &["anna", "bert"]),
        ("team=( ops )", &["bert"]),
        ("team!=(core,ops)", &["admin", "cara", "dora"]),
        ("team=", &["cara"]),
        ("team!=", &["admin", "anna", "bert", "dora"]),
        ("team", &["anna", "bert", "cara"]),
        ("!team", &["admin", "dora"]),
        ("acme.example/floor", &["anna"]),
        ("acme.example/floor=3", &["anna"]),
        ("acme.example/floor=(1,2)", &[]),
        // As Kubernetes writes them.
        ("team=core,acme.example/floor=3", &["anna"]),
        ("team,team!=core", &["bert", "cara"]),
        (" team in (core, ops) ", &["anna", "bert"]),
        ("team in(ops)", &["bert"]),
        ("team notin (core,ops)", &["admin", "cara", "dora"]),
        ("team in (core,ops), !team2", &["anna"]),
        ("!team,!team2", &["admin", "dora"]),
        // Keys and values are what they are: no case, no patterns.
        ("team=CORE", &[]),
        ("Team", &[]),
        ("team=c%", &[]),
        ("never-there", &[]),
        ("!never-there", &["admin", "anna", "bert", "cara", "dora"]),
        ("", &["admin", "anna", "bert", "cara", "dora"]),
    ] {
        assert_eq!(
            found(&owner, &[("labelSelector", selector)]).await,
            expected,
            "{selector:?}"
        );
    }
}

#[tokio::test]
async fn fields_are_selected_by_every_operator() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    people(&owner).await;

    for (selector, expected) in [
        ("name=anna", &["anna"][..]),
        ("metadata.name=anna", &["anna"]),
        ("metadata.name==anna", &["anna"]),
        ("name=ANNA", &["anna"]),
        ("name!=anna", &["admin", "bert", "cara", "dora"]),
        ("name=(anna,bert,nobody)", &["anna", "bert"]),
        ("name!=(anna,bert)", &["admin", "cara", "dora"]),
        ("name=ann", &[]),
        ("name=", &[]),
        ("spec.displayName=Bert B", &["bert", "dora"]),
        ("spec.displayName!=Bert B", &["admin", "anna", "cara"]),
        ("spec.displayName=(Bert B,anna)", &["anna", "bert", "dora"]),
        ("spec.displayName=cara c, (é)", &["cara"]),
        ("spec.displayName=cara c, (e\u{301})", &["cara"]),
        ("spec.displayName=bert b", &[]),
        ("spec.email=anna@example.test", &["anna"]),
        ("spec.email=DORA@example.TEST", &["dora"]),
        ("spec.email=(anna@example.test,dora@example.test)", &["anna", "dora"]),
        ("spec.email!=anna@example.test", &["admin", "bert", "cara", "dora"]),
        (
            "spec.email!=(anna@example.test,dora@example.test)",
            &["admin", "bert", "cara"],
        ),
        ("spec.emailVerified=true", &["admin", "dora"]),
        ("spec.emailVerified=false", &["anna", "bert", "cara"]),
        ("spec.emailVerified!=true", &["anna", "bert", "cara"]),
        ("spec.emailVerified!=false", &["admin", "dora"]),
        ("spec.disabled=true", &["bert"]),
        ("spec.disabled=false", &["admin", "anna", "cara", "dora"]),
        ("spec.disabled!=true", &["admin", "anna", "cara", "dora"]),
        ("spec.disabled!=false", &["bert"]),
        ("spec.disabled=(true)", &["bert"]),
        (" ", &["admin", "anna", "bert", "cara", "dora"]),
    ] {
        assert_eq!(
            found(&owner, &[("fieldSelector", selector)]).await,
            expected,
            "{selector:?}"
        );
    }
}

#[tokio::test]
async fn who_is_listed_meets_every_filter() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for n in 0..4 {
        let (team, site) = (
            if n % 2 == 0 { "core" } else { "ops" },
            if n < 2 { "berlin" } else { "oslo" },
        );
        let roles = if n == 3 { json!([]) } else { json!(["auditor"]) };
        let besides =
            json!({ "labels": { "team": team, "site": site }, "roles": roles, "displayName": format!("No {n}") });
        make(&owner, &format!("u{n}"), besides).await;
    }
    for (parameters, expected) in [
        (
            &[("labelSelector", "team=core"), ("labelSelector", "site=oslo")][..],
            &["u2"][..],
        ),
        (&[("labelSelector", "team"), ("labelSelector", "!team")], &[]),
        (
            &[("labelSelector", "team=core"), ("role", "auditor"), ("keyword", "no")],
            &["u0", "u2"],
        ),
        (&[("labelSelector", "site!=berlin"), ("role", "auditor")], &["u2"]),
        (
            &[
                ("fieldSelector", "name!=u0"),
                ("fieldSelector", "name!=u1"),
                ("keyword", "no"),
            ],
            &["u2", "u3"],
        ),
        (&[("fieldSelector", "name=(u0,u3)"), ("role", "auditor")], &["u0"]),
        (&[("keyword", "no 3"), ("role", "auditor")], &[]),
        (
            &[
                ("keyword", "no 3"),
                ("labelSelector", "team=ops"),
                ("fieldSelector", "spec.disabled=false"),
            ],
            &["u3"],
        ),
        (&[("labelSelector", "team=core,site=oslo")], &["u2"]),
    ] {
        assert_eq!(found(&owner, parameters).await, expected, "{parameters:?}");
    }
}
