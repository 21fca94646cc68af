//! Why somebody may do something or not, and who may.

use crate::support::roles::{
    CONSOLE, USERS, allow, deny, grant, make_person, make_role, make_user, only, wrong_fields,
};
use crate::support::{Person, TestApp};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const EXPLAIN: &str = "/apis/console/v1alpha1/permissions/-/explain";

async fn explain(by: &Person<'_>, asked: Value) -> Value {
    by.post(EXPLAIN, &asked).await.expect(200)
}

#[tokio::test]
async fn it_is_explained_which_rule_of_which_role_decides_and_how_it_is_inherited() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_role(&owner, "lead", "user-manager", &[allow("roles", "get")]).await;
    make_role(
        &owner,
        "mute",
        "",
        &[allow("users", "list"), only(deny("users", "delete"), "admin")],
    )
    .await;
    make_user(&owner, "ada", "lead").await;
    make_user(&owner, "bob", "lead mute").await;

    let inherited = explain(&owner, json!({ "user": "Ada", "resource": "users", "verb": "list" })).await;
    assert_eq!(
        (&inherited["allowed"], &inherited["reason"]),
        (&json!(true), &json!("allowed_by_rule"))
    );
    assert_eq!(
        (&inherited["permission"], &inherited["roles"]),
        (&json!("users:list"), &json!(["lead", "user"]))
    );
    let by = &inherited["decidedBy"];
    assert_eq!((&by["role"], &by["number"]), (&json!("support"), &json!(0)));
    assert_eq!(by["path"], json!(["lead", "user-manager", "support"]));
    assert_eq!(by["rule"]["resources"], json!(["users", "roles"]));
    assert!(inherited.get("fix").is_none(), "nothing is to be mended: {inherited}");

    let asked = json!({ "user": "bob", "resource": "users", "verb": "delete", "name": "ADMIN" });
    let denied = explain(&owner, asked).await;
    assert_eq!(
        (&denied["allowed"], &denied["reason"]),
        (&json!(false), &json!("denied_by_rule"))
    );
    let by = &denied["decidedBy"];
    assert_eq!(
        (&by["role"], &by["number"], &by["path"]),
        (&json!("mute"), &json!(1), &json!(["mute"]))
    );
    assert_eq!(
        denied["matches"][1]["role"], "user-manager",
        "what would have allowed it"
    );
    assert_eq!(denied["fix"], json!({ "remove": ["mute"] }));
    let other = json!({ "user": "bob", "resource": "users", "verb": "delete", "name": "eve" });
    assert_eq!(explain(&owner, other).await["allowed"], true);

    let of_roles = json!({ "roles": ["lead", "mute"], "resource": "users", "verb": "delete", "name": "admin" });
    assert_eq!(explain(&owner, of_roles).await["decidedBy"], denied["decidedBy"]);
}

#[tokio::test]
async fn it_is_explained_that_no_rule_says_anything_and_what_all_may() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_user(&owner, "ada", "user-manager").await;
    let nothing = explain(
        &owner,
        json!({ "user": "ada", "resource": "policies", "verb": "update" }),
    )
    .await;
    assert_eq!(
        (&nothing["allowed"], &nothing["reason"]),
        (&json!(false), &json!("no_rule"))
    );
    assert!(nothing.get("decidedBy").is_none());
    assert_eq!(
        (&nothing["matches"], &nothing["givenBy"]),
        (&json!([]), &json!(["owner"]))
    );
    assert_eq!(nothing["fix"], json!({ "add": "owner", "remove": [] }));

    let anybody = explain(&owner, json!({ "roles": [], "resource": "tenant", "verb": "get" })).await;
    assert_eq!(
        (&anybody["allowed"], &anybody["decidedBy"]["role"]),
        (&json!(true), &json!("anonymous"))
    );
    let own = json!({ "roles": ["user"], "resource": "users", "verb": "get", "name": "-" });
    assert_eq!(explain(&owner, own).await["allowed"], true);
}

#[tokio::test]
async fn who_is_disabled_may_do_nothing_whatever_their_roles() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_user(&owner, "ada", "owner").await;
    let asked = json!({ "user": "ada", "resource": "users", "verb": "list" });
    assert_eq!(explain(&owner, asked.clone()).await["allowed"], true);
    owner
        .post(&format!("{USERS}/ada/disable"), &json!({}))
        .await
        .expect(200);
    let disabled = explain(&owner, asked).await;
    assert_eq!(
        (&disabled["allowed"], &disabled["reason"]),
        (&json!(false), &json!("user_disabled"))
    );
}

#[tokio::test]
async fn a_question_about_nothing_is_refused_with_what_there_is() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let ask = |resource: &str, verb: &str| json!({ "user": "admin", "resource": resource, "verb": verb });
    assert_eq!(
        wrong_fields(owner.post(EXPLAIN, &ask("wizards", "get")).await),
        ["resource"]
    );
    let problem = owner
        .post(EXPLAIN, &ask("users/email", "fly"))
        .await
        .expect_problem(400, "invalid");
    assert_eq!(problem["errors"][0]["field"], "verb");
    let detail = problem["errors"][0]["detail"].as_str().unwrap();
    for verb in ["get", "update", "verify", "override"] {
        assert!(detail.contains(verb), "{verb}: {detail}");
    }
    assert!(!detail.contains("disable"), "{detail}");
    assert_eq!(wrong_fields(owner.post(EXPLAIN, &ask("*", "*")).await), ["resource"]);
    assert_eq!(wrong_fields(owner.post(EXPLAIN, &ask("users", "*")).await), ["verb"]);
    let neither = json!({ "resource": "users", "verb": "get" });
    assert_eq!(wrong_fields(owner.post(EXPLAIN, &neither).await), ["user"]);
    let both = json!({ "user": "admin", "roles": [], "resource": "users", "verb": "get" });
    assert_eq!(wrong_fields(owner.post(EXPLAIN, &both).await), ["user"]);
    let nobody = json!({ "user": "nobody", "resource": "users", "verb": "get" });
    owner.post(EXPLAIN, &nobody).await.expect_problem(404, "user_not_found");
    let nothing = json!({ "roles": ["wizard"], "resource": "users", "verb": "get" });
    owner.post(EXPLAIN, &nothing).await.expect_problem(400, "role_unknown");
    let who = format!("{CONSOLE}/permissions/-/who-can");
    assert_eq!(
        wrong_fields(owner.get(&format!("{who}?resource=wizards&verb=get")).await),
        ["resource"]
    );
    assert_eq!(
        wrong_fields(owner.get(&format!("{who}?resource=users&verb=fly")).await),
        ["verb"]
    );
    owner.get(&format!("{who}?resource=users&verb=get")).await.expect(200);
    explain(&owner, ask("users", "get")).await;
    // A role is known in any case, as where it is given.
    let upper = json!({ "roles": ["Owner"], "resource": "users", "verb": "get" });
    assert_eq!(explain(&owner, upper).await["allowed"], true);
}

#[tokio::test]
async fn the_fix_of_an_explanation_flips_what_is_enforced() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_role(&owner, "mute", "", &[deny("users", "list"), deny("messages", "*")]).await;
    make_role(&owner, "muter", "mute", &[allow("policies", "get")]).await;
    let bob = make_person(&owner, "bob", "").await;
    let asked = [
        ("users", "list", USERS.to_owned()),
        ("roles", "list", format!("{CONSOLE}/roles")),
        ("messages", "list", format!("{CONSOLE}/messages")),
        (
            "audit-events",
            "verify",
            format!("{CONSOLE}/audit-events/-/verification"),
        ),
        ("policies", "get", format!("{CONSOLE}/policies/authentication")),
        ("users", "get", format!("{USERS}/admin")),
    ];
    let mut flipped = 0;
    for roles in ["", "mute", "muter", "support mute", "muter auditor"] {
        for (resource, verb, path) in &asked {
            grant(&owner, "bob", roles).await.expect(200);
            let explained = explain(&owner, json!({ "user": "bob", "resource": resource, "verb": verb })).await;
            let before = bob.get(path).await.status.as_u16();
            let label = format!("{resource}:{verb} with {roles:?}: {explained}");
            assert_eq!(explained["allowed"], before == 200, "{label}");
            let Some(fix) = explained.get("fix") else {
                assert_eq!(before, 200, "{label}");
                continue;
            };
            assert_eq!(before, 403, "{label}");
            let removed: Vec<String> = serde_json::from_value(fix["remove"].clone()).unwrap();
            let mut now: Vec<String> = serde_json::from_value(explained["roles"].clone()).unwrap();
            now.retain(|role| !removed.contains(role));
            now.extend(fix["add"].as_str().map(str::to_owned));
            grant(&owner, "bob", &now.join(" ")).await.expect(200);
            assert_eq!(bob.get(path).await.status, 200, "{label}");
            flipped += 1;
        }
    }
    assert!(flipped > 10, "{flipped}");
}

/// Everybody who can, page by page.
async fn who_can(owner: &Person<'_>, query: &str, size: usize) -> Vec<String> {
    let mut found = vec![];
    let path = format!("{CONSOLE}/permissions/-/who-can?{query}&size={size}");
    let mut page = owner.get(&path).await.expect(200);
    loop {
        let users = page["users"].as_array().unwrap();
        assert!(
            users.len() <= size && (!users.is_empty() || found.is_empty()),
            "an empty page at the end: {path}"
        );
        found.extend(users.iter().map(|user| user["name"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["nextCursor"].as_str() else {
            return found;
        };
        page = owner.get(&format!("{path}&cursor={cursor}")).await.expect(200);
    }
}

#[tokio::test]
async fn who_can_names_exactly_those_who_may() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_role(
        &owner,
        "mute",
        "",
        &[deny("users", "list delete"), only(deny("users", "get"), "ada")],
    )
    .await;
    make_role(&owner, "muter", "mute", &[only(allow("messages", "get"), "m1")]).await;
    let all = ["admin", "ada", "bob", "cy", "dan", "eve"];
    for (name, roles) in all[1..]
        .iter()
        .zip(["support mute", "owner muter", "auditor", "muter", "user-manager"])
    {
        make_user(&owner, name, roles).await;
    }
    make_user(&owner, "off", "owner").await;
    owner
        .post(&format!("{USERS}/off/disable"), &json!({}))
        .await
        .expect(200);
    let list = owner.get(&format!("{CONSOLE}/permissions?size=200")).await.expect(200);
    for item in list["items"].as_array().unwrap() {
        let (resource, verb) = (item["resource"].as_str().unwrap(), item["verb"].as_str().unwrap());
        let named = ["users", "messages"].contains(&resource);
        for name in if named { &["*", "-", "ada", "m1"][..] } else { &["*"] } {
            let mut may = BTreeSet::new();
            for user in all.into_iter().chain(["off"]) {
                let asked = json!({ "user": user, "resource": resource, "verb": verb, "name": name });
                if explain(&owner, asked).await["allowed"] == true {
                    may.insert(user.to_owned());
                }
            }
            let query = format!("resource={resource}&verb={verb}&name={name}");
            let found = who_can(&owner, &query, 2).await;
            assert_eq!(BTreeSet::from_iter(found.clone()), may, "{query}");
            assert_eq!(found.len(), may.len(), "{query} names somebody twice: {found:?}");
        }
    }
    let mut enforced = BTreeSet::new();
    for name in all {
        if owner.tenant.sign_in(name).await.get(USERS).await.status == 200 {
            enforced.insert(name.to_owned());
        }
    }
    assert_eq!(
        enforced,
        BTreeSet::from_iter(who_can(&owner, "resource=users&verb=list", 20).await)
    );
    assert_eq!(enforced.len(), 3, "admin, cy and eve: {enforced:?}");
}
