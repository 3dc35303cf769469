//! Numbers that are given once.

use jiff::civil::date;

use super::*;
use crate::node::{Node, NodeParts};
use crate::testing::*;

const DAY: Date = date(2026, 11, 2);

fn next(node: &Node) -> String {
    node.next_code(&agency(DESK), DAY).unwrap().to_string()
}

#[tokio::test]
async fn the_least_free_number_is_given_and_never_twice() {
    let site = Site::new();
    let desk = site.desk().await;
    desk.submit(reception()).await.unwrap();
    desk.submit(command("H56.2-261102-0003", "2026-11-02 08:20", DESK, receive())).await.unwrap();
    assert_eq!([next(&desk), next(&desk)], ["H56.2-261102-0002", "H56.2-261102-0004"]);
    let other_day = desk.next_code(&agency(DESK), date(2026, 11, 3)).unwrap();
    assert_eq!(other_day.as_str(), "H56.2-261103-0001");
    let other_desk = desk.next_code(&agency("H56.3"), DAY).unwrap();
    assert_eq!(other_desk.as_str(), "H56.3-261102-0001");
    assert_eq!(desk.code_after(CODE).unwrap().as_str(), "H56.2-261102-0005");
    assert_eq!(desk.code_after("SOURCE/case-7"), None);
    desk.stop().await;
}

#[tokio::test]
async fn replicas_give_numbers_that_never_meet() {
    let site = Site::new();
    let mut given = Vec::new();
    for ordinal in 0..3 {
        let name = format!("desk-{ordinal}");
        let node = Node::start(NodeParts {
            name: "ward-desk",
            log: std::sync::Arc::clone(&site.log),
            charter: site.charter.clone(),
            keys: node_keys("ward-desk", &site.charter.registry),
            store: &site.store(&name),
            replica: Replica { ordinal, of: 3 },
        })
        .await
        .unwrap();
        given.extend((0..4).map(|_| next(&node)));
        node.stop().await;
    }
    let numbers: Vec<u32> =
        given.iter().map(|code| code.rsplit('-').next().unwrap().parse().unwrap()).collect();
    assert_eq!(numbers, [3, 6, 9, 12, 1, 4, 7, 10, 2, 5, 8, 11]);
}

#[tokio::test]
async fn numbers_end_with_seven_digits() {
    let site = Site::new();
    let desk = site.desk().await;
    let codes = Codes::new(Replica::default());
    codes.next.lock().unwrap().insert("H56.2-261102-".to_owned(), NUMBERS_MAX);
    assert_eq!(codes.next(desk.store(), "H56.2", DAY).unwrap().as_str(), "H56.2-261102-9999999");
    let exhausted = codes.next(desk.store(), "H56.2", DAY).unwrap_err();
    assert!(matches!(exhausted, NoCode::Exhausted { prefix } if prefix == "H56.2-261102-"));
    desk.stop().await;
}

#[tokio::test]
async fn who_has_no_code_on_the_day_is_told() {
    let site = Site::new();
    let desk = site.desk().await;
    assert!(matches!(desk.next_code(&agency("nobody"), DAY), Err(NoCode::NoAgencyCode)));
    desk.stop().await;
}

#[tokio::test]
async fn no_more_days_are_remembered_than_said() {
    let site = Site::new();
    let desk = site.desk().await;
    let codes = Codes::new(Replica::default());
    for number in 0..DAYS_MAX {
        codes.next.lock().unwrap().insert(format!("H56.{number}-261101-"), 1);
    }
    codes.next(desk.store(), "H56.2", DAY).unwrap();
    codes.next(desk.store(), "H56.2", DAY).unwrap();
    assert_eq!(codes.next.lock().unwrap().len(), DAYS_MAX);
    desk.stop().await;
}
