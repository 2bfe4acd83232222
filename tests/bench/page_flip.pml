/* The system of page_flip.flip for SPIN: -DN=6 pages, -DLIMIT=1 of them on their way at once (0: any number), -DBUG=1. */
#ifndef N
#define N 2
#endif
#ifndef LIMIT
#define LIMIT 0
#endif
#ifndef BUG
#define BUG 0
#endif

#define VM1 0
#define VM2 1
#define HV 2
#define OTHER 3

#define EMPTY 0
#define OLD 1
#define NEW 2

#define RUNNING 0
#define PAUSING 1
#define PAUSED 2
#define RESUMING 3

byte owner[N] = VM1, table[N] = OLD, iotlb[N] = EMPTY;
byte step = 0, device = RUNNING, driver = VM1, rollback = 0;
bit saved, restored, context, kept, progress, claimed;

#define ACTIVE (device == RUNNING || device == PAUSING)
#define MOVING (step == 3 && rollback == 0)
#define ON_ITS_WAY(p) (owner[p] == HV || (owner[p] == VM2 && (table[p] != NEW || iotlb[p] != EMPTY)))

/* EACH(f): f(0) f(1) ...; FOLD(f, op): f(0) op f(1) ... Two macros, since one cannot be used inside of itself. */
#if N == 1
#define EACH(f) f(0)
#define FOLD(f, op) f(0)
#elif N == 2
#define EACH(f) f(0) f(1)
#define FOLD(f, op) f(0) op f(1)
#elif N == 3
#define EACH(f) f(0) f(1) f(2)
#define FOLD(f, op) f(0) op f(1) op f(2)
#elif N == 4
#define EACH(f) f(0) f(1) f(2) f(3)
#define FOLD(f, op) f(0) op f(1) op f(2) op f(3)
#elif N == 5
#define EACH(f) f(0) f(1) f(2) f(3) f(4)
#define FOLD(f, op) f(0) op f(1) op f(2) op f(3) op f(4)
#elif N == 6
#define EACH(f) f(0) f(1) f(2) f(3) f(4) f(5)
#define FOLD(f, op) f(0) op f(1) op f(2) op f(3) op f(4) op f(5)
#elif N == 7
#define EACH(f) f(0) f(1) f(2) f(3) f(4) f(5) f(6)
#define FOLD(f, op) f(0) op f(1) op f(2) op f(3) op f(4) op f(5) op f(6)
#endif
#define ALL(f) (FOLD(f, &&))

#if LIMIT == 0
#define ROOM true
#else
#define ROOM ((FOLD(ON_ITS_WAY, +)) < LIMIT)
#endif

#define HANDED(p) (owner[p] == VM2 && table[p] == NEW && (BUG || iotlb[p] == EMPTY))
#define MOVED(p) (owner[p] == VM2 && table[p] == NEW)
#define BACK(p) (owner[p] == VM1 && table[p] == OLD)
#define OLD_CONFINED(p) (iotlb[p] != OLD || (owner[p] == VM1 && driver == VM1))
#define NEW_CONFINED(p) (iotlb[p] != NEW || (owner[p] == VM2 && driver == VM2))
#define OWNED(p) (owner[p] != OTHER)

#define SAFE ((!ACTIVE || ALL(OLD_CONFINED)) \
  && (!ACTIVE || ALL(NEW_CONFINED)) \
  && (driver == VM1 || driver == VM2) \
  && (!ACTIVE || context == progress) \
  && ALL(OWNED) \
  && (!(step >= 4 && rollback == 0) || ALL(MOVED)) \
  && (rollback != 2 || (driver == VM1 && ALL(BACK))))

#define FLIP(p) :: d_step { MOVING && owner[p] == VM1 && ROOM -> owner[p] = HV }
#define ASSIGN(p) :: d_step { MOVING && owner[p] == HV -> owner[p] = VM2 }
#define REMAP(p) :: d_step { MOVING && owner[p] == VM2 && table[p] == OLD -> table[p] = NEW }
#define INVALIDATE(p) :: d_step { MOVING && owner[p] == VM2 && table[p] == NEW && iotlb[p] == OLD -> iotlb[p] = EMPTY }
#define FILL(p) :: d_step { ACTIVE && iotlb[p] == EMPTY -> iotlb[p] = table[p] }
#define EVICT(p) :: d_step { ACTIVE && iotlb[p] != EMPTY -> iotlb[p] = EMPTY }
#define MAP_BACK(p) :: d_step { rollback == 1 && table[p] == NEW -> table[p] = OLD }
#define TAKE_BACK(p) :: d_step { rollback == 1 && table[p] == OLD && owner[p] != VM1 -> owner[p] = VM1 }

active proctype system() {
  do
  :: !SAFE -> assert(false)   /* looked at once in each state; never a transition of the correct system */
  :: d_step { step == 0 && rollback == 0 -> step = 1; device = PAUSING }
  :: d_step { device == PAUSING -> device = PAUSED }
  :: d_step { step == 1 && device == PAUSED -> step = 2; saved = 1; kept = context }
  :: d_step { step == 2 -> step = 3 }
  EACH(FLIP)
  EACH(ASSIGN)
  EACH(REMAP)
  EACH(INVALIDATE)
  :: d_step { MOVING && ALL(HANDED) -> step = 4; driver = VM2; context = 0 }
  :: d_step { step == 4 && rollback == 0 && !restored -> restored = 1; context = kept }
  :: d_step { step == 4 && rollback == 0 && restored -> step = 5; device = RESUMING }
  :: d_step { device == RESUMING -> device = RUNNING }
  EACH(FILL)
  EACH(EVICT)
  :: d_step { ACTIVE -> context = 1 - context; progress = 1 - progress }
  :: d_step { !claimed -> claimed = 1 }
  :: d_step { claimed -> claimed = 0 }
  :: d_step { claimed && driver == HV -> driver = OTHER; claimed = 0 }
  :: d_step { MOVING -> rollback = 1 }
  :: d_step { step == 4 && rollback == 0 && !restored -> rollback = 1 }
  EACH(MAP_BACK)
  EACH(TAKE_BACK)
  :: d_step { rollback == 1 && ALL(BACK) -> rollback = 2; step = 0; driver = VM1; device = RESUMING; context = kept }
  od
}
