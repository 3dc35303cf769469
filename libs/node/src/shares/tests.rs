use futures::{FutureExt as _, poll};

use super::*;
use crate::testing::agency;

fn ask(shares: &Shares, name: &str, way: Way) -> Asked {
    shares.ask(&agency(name), way).unwrap()
}

/// Lets one place go round until nobody waits; who had it, in their order.
async fn order(shares: &Shares, asked: Vec<(&'static str, Way)>) -> Vec<&'static str> {
    let first = ask(shares, "first", Way::Alone);
    let held = first.place().await.unwrap();
    let counted: Vec<_> = asked.iter().map(|(name, way)| (*name, ask(shares, name, *way))).collect();
    let mut waits: Vec<_> = counted.iter().map(|(name, asked)| (*name, Box::pin(asked.place()))).collect();
    for (name, wait) in &mut waits {
        assert!(poll!(wait).is_pending(), "{name} has a place while there is none");
    }
    drop(held);
    let mut order = Vec::new();
    while !waits.is_empty() {
        let mut had = None;
        for (index, (_, wait)) in waits.iter_mut().enumerate() {
            if let std::task::Poll::Ready(place) = poll!(wait) {
                assert!(had.replace((index, place.unwrap())).is_none(), "one place, two who have it");
            }
        }
        let (index, place) = had.expect("a place is free and nobody gets it");
        order.push(waits.remove(index).0);
        drop(place);
    }
    order
}

#[tokio::test]
async fn agencies_take_turns_however_long_the_queue_of_one_is() {
    let shares = Shares::of(1, 1);
    let mut asked = vec![("city", Way::Alone); 20];
    asked.extend([("desk", Way::Alone); 2]);
    let order = order(&shares, asked).await;
    let last_of_desk = order.iter().rposition(|name| *name == "desk").unwrap();
    assert!(last_of_desk < 8, "{order:?}");
    assert_eq!(order.len(), 22);
}

#[tokio::test]
async fn what_comes_in_bulk_gets_one_turn_where_what_comes_alone_gets_four() {
    let shares = Shares::of(1, 1);
    let mut asked = vec![("city", Way::Bulk); 10];
    asked.extend([("desk", Way::Alone); 8]);
    let order = order(&shares, asked).await;
    let until_the_desk_is_done = order.iter().rposition(|name| *name == "desk").unwrap() + 1;
    let in_bulk = order[..until_the_desk_is_done].iter().filter(|name| **name == "city").count();
    assert_eq!(in_bulk, 2, "{order:?}");
}

#[tokio::test]
async fn a_bulk_call_has_few_places_while_somebody_comes_alone_and_all_of_them_afterwards() {
    let shares = Shares::of(8, 3);
    let alone = ask(&shares, "desk", Way::Alone);
    let asked: Vec<_> = (0..9).map(|_| ask(&shares, "city", Way::Bulk)).collect();
    let mut waits: Vec<_> = asked.iter().map(|asked| Box::pin(asked.place())).collect();
    let mut places = Vec::new();
    let mut take = |places: &mut Vec<_>| {
        waits.retain_mut(|wait| match wait.as_mut().now_or_never() {
            Some(place) => {
                places.push(place.unwrap());
                false
            }
            None => true,
        });
        places.len()
    };
    assert_eq!(take(&mut places), 3);
    let at_the_desk = alone.place().now_or_never().unwrap().unwrap();
    shares.book().alone = Instant::now().checked_sub(BESIDE);
    // What is answered next lets all the others in.
    places.pop();
    assert_eq!(take(&mut places), 7);
    drop(at_the_desk);
    assert_eq!(take(&mut places), 8);
}

#[tokio::test]
async fn an_agency_beyond_its_limit_is_refused_by_name_and_no_other_is() {
    let shares = Shares::default();
    let mut asked: Vec<_> =
        (0..AGENCY_COMMANDS_MAX).map(|_| shares.ask(&agency("city"), Way::Alone).unwrap()).collect();
    let refused = shares.ask(&agency("city"), Way::Alone).err();
    assert!(
        matches!(&refused, Some(Refusal::AgencyBusy { agency: of, limit: AGENCY_COMMANDS_MAX }) if *of == agency("city")),
        "{refused:?}"
    );
    drop(shares.ask(&agency("desk"), Way::Alone).unwrap());
    drop(shares.ask(&agency("city"), Way::Bulk).unwrap());
    asked.pop();
    drop(shares.ask(&agency("city"), Way::Alone).unwrap());
}

#[tokio::test]
async fn who_gives_up_leaves_nothing_behind_and_takes_no_place_with_it() {
    let shares = Shares::of(1, 1);
    let (one, other, third) =
        (ask(&shares, "a", Way::Alone), ask(&shares, "b", Way::Alone), ask(&shares, "c", Way::Alone));
    let held = one.place().await.unwrap();
    let mut gives_up = Box::pin(other.place());
    let mut waits = Box::pin(third.place());
    assert!(poll!(&mut gives_up).is_pending() && poll!(&mut waits).is_pending());
    assert_eq!(shares.waiting()[&(agency("b"), Way::Alone)], 1);
    drop(gives_up);
    assert_eq!(shares.waiting()[&(agency("b"), Way::Alone)], 0);
    drop(held);
    let place = waits.await.unwrap();
    // Gone after it was given the place, before it knew.
    let mut gone = Box::pin(one.place());
    assert!(poll!(&mut gone).is_pending());
    drop(place);
    drop(gone);
    drop(other.place().await.unwrap());
    drop((one, other, third));
    let book = shares.book();
    assert_eq!((book.free, book.queues.len(), book.round.len()), (1, 0, 0));
}
