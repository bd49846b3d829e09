//! The threads among which kernels share their work on a processor.

/// Runs `work` on one of those threads. A kernel that another thread asks for has one of them woken, and the other thread sleep until it is
/// woken in turn, which takes longer than many a kernel does.
pub fn on_worker<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    // Nothing is spawned in the scope: it is there because its own body runs on a thread of the pool.
    rayon::scope(|_| work())
}

#[cfg(test)]
mod tests {
    #[test]
    fn work_runs_where_kernels_do() {
        assert_eq!((rayon::current_thread_index(), super::on_worker(|| 7)), (None, 7));
        assert!(super::on_worker(rayon::current_thread_index).is_some());
    }
}
