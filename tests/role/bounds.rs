//! How large a role may be with all it inherits, so that no tenant keeps the others waiting.

use crate::support::roles::{
    CONSOLE, ROLES, allow, make_role, make_user, only, patch, role, set_rules, words, wrong_fields,
};
use crate::support::{Person, Reply, TestApp};
use serde_json::{Value, json};
use std::time::Instant;

const SIMULATE: &str = "/apis/console/v1alpha1/permissions/-/simulate";

/// Names of objects, each another one.
fn objects(from: usize, count: usize) -> String {
    let names: Vec<String> = (from..from + count).map(|number| format!("object-{number}")).collect();
    names.join(" ")
}

/// What an answer says is too large: the field, and why.
fn excess(reply: Reply) -> (String, String) {
    let problem = reply.expect_problem(400, "invalid");
    let text = |key: &str| problem["errors"][0][key].as_str().unwrap().to_owned();
    (text("field"), text("detail"))
}

fn draft(inherits: &str, rules: &[Value]) -> Value {
    json!({ "spec": { "displayName": "Draft", "inherits": words(inherits) }, "rules": rules })
}

/// Roles of five rules each, of which each names a hundred objects.
async fn make_parts(owner: &Person<'_>, count: usize) -> String {
    let names: Vec<String> = (0..count).map(|number| format!("part-{number}")).collect();
    for (number, name) in names.iter().enumerate() {
        let rule = |at: usize| only(allow("messages", "get"), &objects(number * 500 + at * 100, 100));
        make_role(owner, name, "", &[rule(0), rule(1), rule(2), rule(3), rule(4)]).await;
    }
    names.join(" ")
}

#[tokio::test]
async fn a_role_that_inherits_too_much_is_refused_with_the_bound_and_its_name() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let parts = make_parts(&owner, 12).await;
    let all = draft(&parts, &[]);
    let asked = json!({ "role": "all", "draft": all });
    let says = |(field, why): (String, String)| {
        assert_eq!(field, "rules");
        assert!(
            why.contains("6000 resourceNames of the role all") && why.contains("500"),
            "{why}"
        );
    };
    let (one, two) = tokio::join!(owner.post(SIMULATE, &asked), owner.post(SIMULATE, &asked));
    says(excess(one));
    says(excess(two));
    says(excess(owner.post(ROLES, &role("all", &parts, &[])).await));
    make_role(&owner, "all", "part-0", &[]).await;
    says(excess(owner.put(&format!("{ROLES}/all"), &all).await));
    says(excess(
        patch(&owner, &format!("{ROLES}/all"), &json!({ "spec": all["spec"] })).await,
    ));
}

#[tokio::test]
async fn a_change_that_makes_an_heir_too_large_names_the_heir() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_role(&owner, "base", "", &[]).await;
    let rules =
        |names: &[&str]| -> Vec<Value> { names.iter().map(|names| only(allow("users", "get"), names)).collect() };
    let full = [
        objects(100, 100),
        objects(200, 100),
        objects(300, 100),
        objects(400, 100),
    ];
    let full: Vec<&str> = full.iter().map(String::as_str).collect();
    make_role(&owner, "heir", "base", &rules(&full)).await;
    let (field, why) = excess(set_rules(&owner, "base", &rules(&full[..2])).await);
    assert_eq!(field, "rules");
    assert!(why.contains("600 resourceNames of the role heir"), "{why}");
    let asked = json!({ "role": "base", "draft": draft("", &rules(&full[..2])) });
    assert!(excess(owner.post(SIMULATE, &asked).await).1.contains("the role heir"));
    make_role(&owner, "larger", "", &rules(&full)).await;
    let deleted = owner.delete(&format!("{ROLES}/base?replacement=larger")).await;
    assert!(excess(deleted).1.contains("the role heir"));
    set_rules(&owner, "base", &rules(&full[..1])).await.expect(200);
}

#[tokio::test]
async fn every_bound_is_named() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let wide: Vec<String> = (0..40).map(|number| format!("r{number}")).collect();
    for name in &wide {
        make_role(&owner, name, "", &[]).await;
    }
    let many = vec![allow("roles", "list"); 200];
    for name in ["many", "more", "most"] {
        make_role(&owner, name, "", &many).await;
    }
    let everything: Vec<Value> = (0..10).map(|n| only(allow("*", "*"), &objects(n * 10, 10))).collect();
    for (inherits, rules, field, bound) in [
        (wide.join(" ").as_str(), vec![], "spec.inherits", "41 roles"),
        ("many more most", vec![], "rules", "600 rules"),
        ("", everything, "rules", "comparisons"),
    ] {
        let (at, why) = excess(owner.post(ROLES, &role("new", inherits, &rules)).await);
        assert_eq!(at, field, "{why}");
        assert!(why.contains(bound) && why.contains("the role new"), "{why}");
    }
    let long = only(allow("users", "get"), &"x".repeat(300));
    assert_eq!(
        wrong_fields(owner.post(ROLES, &role("new", "", &[long])).await)[0],
        "rules[0].resourceNames[0]"
    );
}

#[tokio::test]
async fn roles_that_are_too_much_together_are_not_given_together() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_parts(&owner, 2).await;
    make_user(&owner, "ada", "part-0").await;
    let reply = crate::support::roles::grant(&owner, "ada", "part-0 part-1").await;
    let (field, why) = excess(reply);
    assert_eq!(field, "roles");
    assert!(why.contains("1000 resourceNames of these roles"), "{why}");
    crate::support::roles::grant(&owner, "ada", "part-1").await.expect(200);
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "figures for who reads the test's output")]
async fn others_are_answered_while_the_largest_role_is_simulated() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let rules: Vec<Value> = (0..18).map(|n| only(allow("*", "*"), &objects(n * 2, 2))).collect();
    let asked = json!({ "role": "large", "draft": draft("", &rules) });
    let begun = Instant::now();
    let simulation = async {
        let said = owner.post(SIMULATE, &asked).await.expect(200);
        (said, begun.elapsed())
    };
    let others = async {
        let mut slowest = std::time::Duration::ZERO;
        for _ in 0..3 {
            let asked = Instant::now();
            tenant.anybody().get("/healthz").await.expect(200);
            slowest = slowest.max(asked.elapsed());
        }
        (slowest, begun.elapsed())
    };
    let ((said, simulated), (slowest, answered)) = tokio::join!(simulation, others);
    println!("simulated in {simulated:?}; the slowest other answer took {slowest:?}");
    assert!(said["changes"].as_array().unwrap().len() > 1_000);
    assert!(answered < simulated, "{answered:?} {simulated:?}");
}

#[tokio::test]
async fn what_was_stored_too_large_still_decides_and_can_be_made_smaller() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    make_role(&owner, "old", "", &[allow("users", "get")]).await;
    make_user(&owner, "ada", "old").await;
    let rules = |count: usize| -> Vec<Value> {
        (0..count)
            .map(|n| only(allow("users", "list"), &objects(n * 100, 100)))
            .collect()
    };
    let stored = json!(rules(8));
    app.execute(&format!(
        "update role set rules = '{stored}' where name = 'old'; \
         update counter set value = value + 1 where name = 'policy'"
    ))
    .await;
    let ada = app.default_tenant().sign_in("ada").await;
    ada.get(&format!("{CONSOLE}/users/-")).await.expect(200);
    assert!(excess(set_rules(&owner, "old", &rules(9)).await).1.contains("900"));
    set_rules(&owner, "old", &rules(7)).await.expect(200);
    set_rules(&owner, "old", &rules(2)).await.expect(200);
}
