//! Where somebody begins: the first page of Swagger UI, and documents of what they may do alone.

use super::{PUBLISHED, operations_of};
use crate::support::{PASSWORD, Person, TestApp, roles::make_person};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tenantry::{groups, kit::openapi::Form};

const CONSOLE: &str = "/openapi/console.v1alpha1.json?for=me";

/// What the script of Swagger UI says under this name.
async fn said(person: &Person<'_>, name: &str) -> Value {
    let script = person.get("/swagger-ui/swagger-initializer.js").await.text;
    let rest = script.split(&format!("const {name} = ")).nth(1).unwrap();
    serde_json::from_str(rest.split(";\n").next().unwrap()).unwrap()
}

/// The operations of a document, by their ids.
fn ids(document: &Value) -> BTreeSet<&str> {
    let paths = document["paths"].as_object().unwrap().values();
    let operations = paths.flat_map(|path| path.as_object().unwrap().values());
    operations
        .map(|operation| operation["operationId"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn swagger_ui_says_what_each_group_is_for_and_which_calls_come_first() {
    let app = TestApp::start().await;
    let start = said(&app.default_tenant().anybody(), "start").await;
    let explained = start["groups"].as_array().unwrap().iter().map(|group| &group[0]);
    let documents = groups::documents();
    assert_eq!(
        explained.collect::<Vec<_>>(),
        documents.iter().map(|document| document.name).collect::<Vec<_>>()
    );
    let first = start["first"].as_array().unwrap();
    assert_eq!(first.len(), 5);
    let known = operations_of(&documents[0]);
    for call in first {
        let is_it = known
            .iter()
            .any(|operation| operation.json["tags"][0] == call[0] && operation.json["operationId"] == call[1]);
        assert!(is_it, "{call} leads nowhere");
    }
    let acme = said(&app.tenant("acme").await.anybody(), "start").await;
    assert!(!acme["groups"].to_string().contains("system.v1alpha1"), "{acme}");
}

#[tokio::test]
async fn what_swagger_ui_fills_in_for_the_first_calls_works_on_a_new_tenant() {
    let app = TestApp::start().await;
    let owner = app.tenant("acme").await.owner().await;
    let first = said(&owner, "start").await;
    let first = first["first"].as_array().unwrap().iter();
    let also = ["SimulateRoleChange", "ExplainPermission", "WhoCan"];
    let calls: Vec<_> = first.map(|call| call[1].as_str().unwrap()).chain(also).collect();
    let known = operations_of(&groups::documents()[0]);
    for id in calls {
        let operation = known.iter().find(|operation| operation.id() == id).unwrap();
        let parameters = operation.json["parameters"].as_array().into_iter().flatten();
        let filled = parameters.filter(|parameter| parameter["in"] == "query" && !parameter["example"].is_null());
        let filled = filled.map(|parameter| {
            let text = |member: &str| parameter[member].as_str().unwrap().to_owned();
            (text("name"), text("example"))
        });
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(filled)
            .finish();
        let request = owner.request(operation.method.clone(), &format!("{}?{query}", operation.path));
        let request = match &operation.json["requestBody"]["content"]["application/json"]["example"] {
            Value::Null => request,
            example => request.json(example),
        };
        let answer = owner.send(request).await.expect(200);
        assert!(
            id != "ListUsers" || !answer["items"].as_array().unwrap().is_empty(),
            "it finds nobody: {answer}"
        );
    }
    app.work().await;
}

#[test]
fn nothing_is_filled_in_that_may_be_left_out() {
    for document in groups::documents() {
        for operation in operations_of(&document) {
            for parameter in operation.json["parameters"].as_array().into_iter().flatten() {
                let is_filled = !parameter["example"].is_null();
                assert!(
                    !is_filled || parameter["required"] == true,
                    "{}: {parameter}",
                    operation.label()
                );
            }
        }
    }
}

#[tokio::test]
async fn a_document_is_cut_to_what_the_caller_may_do() {
    let app = TestApp::start().await;
    let tenant = app.tenant("acme").await;
    let owner = tenant.owner().await;
    let whole = owner.get("/openapi/console.v1alpha1.json").await.expect(200);
    assert_eq!(
        ids(&owner.get(CONSOLE).await.expect(200)),
        ids(&whole),
        "owners may do all"
    );

    let auditor = make_person(&owner, "olga", "auditor").await;
    let answer = auditor.get(CONSOLE).await;
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    assert_eq!(answer.header("content-type"), "application/json");
    let tag = answer.header("etag").to_owned();
    let part = answer.expect(200);
    let kept = ids(&part);
    assert!(
        kept.contains("ListAuditEvents") && kept.contains("GetCurrentUserDetail"),
        "{kept:?}"
    );
    assert!(!kept.contains("CreateUser") && !kept.contains("DeleteUser"), "{kept:?}");
    assert_eq!(part["servers"], json!([{ "url": "/t/acme" }]));
    assert!(
        part["components"]["schemas"]["CreateUserRequest"].is_null(),
        "what nobody names is gone"
    );
    let text = part.to_string();
    for name in text
        .split("\"#/components/")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
    {
        assert!(
            part.pointer(&format!("/components/{name}")).is_some(),
            "{name} is named and not there"
        );
    }
    let again = auditor.request(Method::GET, CONSOLE).header("if-none-match", &tag);
    assert_eq!(auditor.send(again).await.status, 304);

    // What they may do from now on is there at once.
    let roles = json!({ "roles": ["user-manager"] });
    let grant = "/apis/console/v1alpha1/users/olga/permissions";
    owner.post(grant, &roles).await.expect(200);
    let part = auditor.get(CONSOLE).await.expect(200);
    assert!(ids(&part).contains("CreateUser"), "{:?}", ids(&part));
    assert!(!ids(&part).contains("ListAuditEvents"));
}

#[tokio::test]
async fn whether_an_operation_is_in_somebodys_document_is_whether_it_answers_them() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let person = make_person(&owner, "sam", "support").await;
    for document in groups::documents() {
        for form in Form::ALL {
            let path = format!("/openapi/{}{}.json?for=me", form.folder(), document.name);
            let part = person.get(&path).await.expect(200);
            let kept = ids(&part);
            assert!(document.name != "system.v1alpha1" || kept.is_empty(), "{kept:?}");
            for operation in operations_of(&document) {
                let is_kept = kept.contains(operation.id());
                assert!(is_kept || !PUBLISHED.contains(&operation.id()), "{}", operation.label());
                if operation.method != Method::GET || operation.path.contains('{') || !operation.is_secured() {
                    continue;
                }
                let reply = person.get(&operation.path).await;
                assert_eq!(is_kept, reply.status != 403, "{}: {}", operation.label(), reply.text);
            }
        }
    }
}

#[tokio::test]
async fn nobody_has_a_document_of_their_own_who_is_not_signed_in() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    tenant
        .anybody()
        .get(CONSOLE)
        .await
        .expect_problem(401, "unauthenticated");
    let path = "/openapi/console.v1alpha1.json?for=ada";
    tenant.anybody().get(path).await.expect_problem(400, "invalid");
    // A browser that is signed in has it by its session, as Swagger UI asks for it.
    let browser = tenant.browser();
    browser.sign_in("admin", PASSWORD).await.leads();
    browser.open(CONSOLE).await.expect(200, "CreateUser");
}
