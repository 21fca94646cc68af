//! Lists: each is asked for in the same words, and each has an end that can be reached.

use super::{
    Operation,
    makers::{make_attachment, make_backup, make_undeliverable, make_user_batch, make_user_import},
    operations, resolve, restores,
};
use crate::instance::{TENANTS, new_tenant};
use crate::support::{
    Person, TestApp,
    roles::{CONSOLE, USERS, make_person, make_role},
};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What every list is asked for with.
const WORDS: [&str; 5] = ["page", "size", "cursor", "fieldSelector", "sort"];

/// The lists of the groups of our own making: what answers with `items`, unless there are never more than a few,
/// which are answered together.
fn lists() -> Vec<Operation> {
    let documents = tenantry::groups::documents();
    let has_items = |operation: &Operation| {
        let document = documents.iter().find(|document| document.name == operation.document);
        let schema = &operation.json["responses"]["200"]["content"]["application/json"]["schema"];
        let items = &resolve(&document.unwrap().json, schema)["properties"]["items"];
        items.is_object() && items["maxItems"].as_f64().is_none_or(|most| most > 20.0)
    };
    let lists = operations().into_iter().filter(|operation| {
        ["console.v1alpha1", "system.v1alpha1"].contains(&operation.document)
            && operation.method == Method::GET
            && has_items(operation)
    });
    lists.collect()
}

/// A list whose path names a person: this one; an application: `told`; or an import or an act on many: the newest.
async fn path_of(owner: &Person<'_>, list: &Operation, person: &str) -> String {
    let path = list.path.replace("/applications/{name}", "/applications/told");
    for kind in ["user-imports", "user-batches"] {
        if path.contains(&format!("/{kind}/{{name}}")) {
            let all = owner.get(&format!("{CONSOLE}/{kind}")).await.expect(200);
            let newest = all["items"][0]["metadata"]["name"].as_str();
            return path.replace("{name}", newest.expect("the newest"));
        }
    }
    path.replace("{name}", person)
}

/// What tells an item from the others.
fn identity(item: &Value) -> String {
    let names = [
        &item["metadata"]["name"],
        &item["user"]["metadata"]["name"],
        &item["name"],
        &item["sequence"],
    ];
    names.into_iter().find(|name| !name.is_null()).unwrap().to_string()
}

/// Three or more of everything that is listed.
async fn fill<'a>(app: &'a TestApp, owner: &Person<'a>) -> Person<'a> {
    for number in 0..3 {
        make_role(owner, &format!("role-{number}"), "", &[]).await;
        make_person(owner, &format!("person-{number}"), "support").await;
        let invited = json!({ "spec": { "email": format!("guest-{number}@example.com") } });
        owner
            .post(&format!("{CONSOLE}/invitations"), &invited)
            .await
            .expect(200);
        let name = format!("app-{number}");
        let application = json!({ "preset": "native", "metadata": { "name": name } });
        owner
            .post(&format!("{CONSOLE}/applications"), &application)
            .await
            .expect(200);
        crate::oidc::use_application(owner, "admin", &format!("used-{number}")).await;
        let api = json!({ "spec": { "audience": format!("https://{name}.example"), "displayName": name } });
        owner
            .post(&format!("{CONSOLE}/resource-servers"), &api)
            .await
            .expect(200);
        crate::provider::use_provider(owner, "admin", &name, "sub-1").await;
        make_undeliverable(owner, &name).await;
        make_attachment(owner, &name).await;
        make_backup(owner).await;
        restores::make_refused_restoration(owner, &name).await;
        make_user_import(owner, &name).await;
        make_user_batch(owner, &name).await;
        let group = json!({ "spec": { "displayName": name } });
        owner
            .post(&format!("{CONSOLE}/attachment-groups"), &group)
            .await
            .expect(200);
        let domain = json!({ "metadata": { "name": format!("{name}.example") } });
        owner.post(&format!("{CONSOLE}/domains"), &domain).await.expect(200);
        owner.post(TENANTS, &new_tenant(&name)).await.expect(200);
        app.advance(1);
        app.default_tenant().sign_in("admin").await;
    }
    crate::oidc::end_told_sessions(owner).await;
    owner
        .post(&format!("{CONSOLE}/signing-keys/-/rotate"), &json!({}))
        .await
        .expect(200);
    app.default_tenant().sign_in("admin").await
}

#[test]
fn every_list_is_asked_for_in_the_same_words() {
    let lists = lists();
    assert!(lists.len() >= 8, "{} lists", lists.len());
    for list in lists {
        let parameters = list.json["parameters"].as_array().unwrap();
        for word in WORDS {
            let parameter = parameters.iter().find(|parameter| parameter["name"] == word);
            let parameter = parameter.unwrap_or_else(|| panic!("{} has no {word}", list.label()));
            assert_eq!(parameter["in"], "query", "{} {word}", list.label());
        }
        let named = |name: &str| parameters.iter().find(|parameter| parameter["name"] == name).unwrap();
        assert_eq!(
            named("size")["schema"]["maximum"].as_f64(),
            Some(200.0),
            "{}",
            list.label()
        );
        assert_eq!(named("sort")["schema"]["maxItems"], 3, "{}", list.label());
        assert_eq!(named("fieldSelector")["schema"]["maxItems"], 20, "{}", list.label());
        let security = list.json["security"].as_array().unwrap();
        assert_eq!(security.len(), 3, "{}: marks of a list are no schemes", list.label());
    }
}

#[tokio::test]
async fn every_list_is_read_to_its_end_by_cursor_and_in_both_directions() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let owner = app.default_tenant().owner().await;
    let owner = fill(&app, &owner).await;
    for list in lists() {
        let path = path_of(&owner, &list, "admin").await;
        let orders = list.json["parameters"].as_array().unwrap().iter();
        let sort = orders.clone().find(|parameter| parameter["name"] == "sort").unwrap();
        let text = sort["description"].as_str().unwrap();
        let order = text.rsplit("the property").next().unwrap().split('`').nth(1).unwrap();
        for direction in ["asc", "desc"] {
            let wanted = format!("{path}?sort={order},{direction}");
            let whole = owner.get(&format!("{wanted}&size=200")).await.expect(200);
            let whole = whole["items"].as_array().unwrap();
            let (mut seen, mut next) = (vec![], String::new());
            loop {
                let page = owner.get(&format!("{wanted}&size=2{next}")).await.expect(200);
                assert_eq!(page["hasNext"], page["nextCursor"].is_string(), "{wanted}");
                assert_eq!(page["total"], json!(whole.len()), "{wanted}");
                seen.extend(page["items"].as_array().unwrap().iter().map(identity));
                let Some(cursor) = page["nextCursor"].as_str() else {
                    break;
                };
                next = format!("&cursor={cursor}");
            }
            assert!(seen.len() >= 3, "{wanted}: {} is too few to try", seen.len());
            assert_eq!(seen, whole.iter().map(identity).collect::<Vec<_>>(), "{wanted}");
            assert_eq!(
                seen.iter().collect::<BTreeSet<_>>().len(),
                seen.len(),
                "{wanted}: each once"
            );
            let second = owner.get(&format!("{wanted}&size=2&page=2")).await.expect(200);
            assert_eq!(identity(&second["items"][0]), seen[2], "{wanted}: by number");
        }
    }
}

#[tokio::test]
async fn no_list_takes_what_it_does_not_know() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let owner = app.default_tenant().owner().await;
    crate::oidc::end_told_sessions(&owner).await;
    make_user_import(&owner, "admin").await;
    make_user_batch(&owner, "nobody").await;
    for list in lists() {
        let path = path_of(&owner, &list, "admin").await;
        for (query, field, says) in [
            ("sizes=2", "sizes", "did you mean \"size\"?"),
            ("size=201", "size", "must be at most 200"),
            ("page=9999&size=200", "page", "go on with nextCursor"),
            ("fieldSelector=nothing=1", "fieldSelector", "nothing"),
            ("sort=nothing,asc", "sort", "nothing"),
            ("cursor=WyJub25lIiwxXQ", "cursor", "is not a cursor of this list"),
        ] {
            let problem = owner
                .get(&format!("{path}?{query}"))
                .await
                .expect_problem(400, "invalid");
            let error = &problem["errors"][0];
            assert_eq!(error["field"], field, "{path}?{query}");
            let detail = error["detail"].as_str().unwrap();
            assert!(detail.contains(says), "{path}?{query}: {detail}");
        }
    }
}

#[tokio::test]
async fn what_a_list_is_filtered_by_is_what_its_items_say() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let owner = app.default_tenant().owner().await;
    let owner = fill(&app, &owner).await;
    let sessions = format!("{USERS}/admin/sessions");
    for (path, selector, expected) in [
        (format!("{CONSOLE}/roles"), "metadata.name=(role-1,role-2)", 2),
        (format!("{CONSOLE}/roles"), "status.builtIn=false", 3),
        (format!("{CONSOLE}/permissions"), "name=users:list", 1),
        (format!("{CONSOLE}/audit-events"), "action=invitations:create", 3),
        (sessions.clone(), "spec.ipAddress=192.0.2.77", 0),
        (sessions.clone(), "spec.clientId=used-1", 1),
        // Those of a browser name none.
        (sessions, "spec.clientId!=used-1", 17),
    ] {
        let found = owner.get(&format!("{path}?fieldSelector={selector}")).await.expect(200);
        assert_eq!(found["total"], expected, "{path} {selector}");
        assert_eq!(found["items"].as_array().unwrap().len(), expected, "{path} {selector}");
    }
    let others = format!("{CONSOLE}/audit-events?fieldSelector=action!=invitations:create&size=200");
    let others = owner.get(&others).await.expect(200);
    let mut actions = others["items"].as_array().unwrap().iter().map(|event| &event["action"]);
    assert!(actions.all(|action| action != "invitations:create"));
}
