//! What a pool allows.

use fishdip_active::{Asked, Pool, State};

fn asked(round: u32, ids: &[u32]) -> Asked {
    Asked { round, seed: 1, strategy: "random".to_owned(), ids: ids.to_vec() }
}

#[test]
fn an_example_is_asked_for_once_and_answered_once() {
    let mut pool = Pool::new(5);
    pool.ask(asked(0, &[4, 1])).unwrap();
    pool.label(1).unwrap();
    pool.set_aside(4).unwrap();
    let states = [State::Unlabelled, State::Labelled, State::Unlabelled, State::Unlabelled, State::SetAside];
    assert_eq!((0..5).map(|id| pool.state(id).unwrap()).collect::<Vec<_>>(), states);
    assert_eq!(pool.unlabelled().collect::<Vec<_>>(), [0, 2, 3]);
    let before = pool.clone();
    let message = |result: fishdip_active::Result<()>| result.err().unwrap().to_string();
    for (found, expected) in [
        (message(pool.label(1)), "label example 1: it is labelled"),
        (message(pool.label(4)), "label example 4: it is set aside"),
        (message(pool.label(0)), "label example 0: it is not asked for"),
        (message(pool.set_aside(1)), "set aside example 1: it is labelled"),
        (message(pool.label(5)), "use example 5: the pool has 5 examples"),
        (message(pool.ask(asked(1, &[2, 1]))), "ask for example 1: it is labelled"),
        (message(pool.ask(asked(1, &[4]))), "ask for example 4: it is set aside"),
        (message(pool.ask(asked(1, &[2, 2]))), "ask for example 2: it is asked for"),
        (message(pool.ask(asked(1, &[9]))), "use example 9"),
    ] {
        assert!(found.starts_with(&format!("failed to {expected}")), "{found}");
    }
    assert_eq!(pool, before, "a refused call changes nothing");
}

#[test]
fn rounds_only_go_up() {
    let mut pool = Pool::new(5);
    assert_eq!(pool.next_round(), 0);
    pool.ask(asked(3, &[0])).unwrap();
    pool.ask(asked(3, &[1])).unwrap();
    assert_eq!(pool.next_round(), 4);
    assert!(pool.ask(asked(2, &[2])).unwrap_err().to_string().contains("round 2"));
    assert_eq!(pool.queries().len(), 2);
}
