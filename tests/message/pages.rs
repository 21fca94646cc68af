//! The log of messages, page by page.

use crate::support::TestApp;
use serde_json::{Value, json};

const MESSAGES: &str = "/apis/console/v1alpha1/messages";

#[tokio::test]
async fn a_log_of_many_pages_is_read_to_its_end() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for number in 0..7 {
        let invited = json!({ "spec": { "email": format!("guest-{number}@example.com") } });
        owner
            .post("/apis/console/v1alpha1/invitations", &invited)
            .await
            .expect(200);
    }
    app.work().await;
    let names = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap().iter();
        items
            .map(|item| item["metadata"]["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let whole = names(&owner.get(&format!("{MESSAGES}?size=200")).await.expect(200));
    assert_eq!(whole.len(), 7);
    let (mut seen, mut pages, mut next) = (vec![], 0, String::new());
    loop {
        let page = owner.get(&format!("{MESSAGES}?size=2{next}")).await.expect(200);
        seen.extend(names(&page));
        pages += 1;
        match page["nextCursor"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!((seen, pages), (whole, 4));
    // As far as pages have numbers; beyond, the answer says how to go on.
    let last = owner.get(&format!("{MESSAGES}?page=51&size=200")).await.expect(200);
    assert_eq!((names(&last).len(), &last["total"]), (0, &json!(7)));
    let beyond = owner
        .get(&format!("{MESSAGES}?page=52&size=200"))
        .await
        .expect_problem(400, "invalid");
    assert_eq!(beyond["errors"][0]["field"], "page");
    assert!(
        beyond["errors"][0]["detail"].as_str().unwrap().contains("nextCursor"),
        "{beyond}"
    );
}
