-- phases: kick
-- what:   support (plant of the other foot to contact with the ball) and leg_acceleration (leg cocking to contact with
--         the ball) of each kick
-- grain:  video_id, person_id, attempt, phase
-- unit:   seconds, frames
-- needs:  events
-- source: each phase lasts from one event of this pack to another. The first event of each kind belongs to the first
--         attempt, the second one to the second attempt, and so on: the events of an attempt are found all together or
--         not at all

FROM phases_between([
    {'phase': 'support', 'from_kind': 'plant', 'to_kind': 'ball_contact'},
    {'phase': 'leg_acceleration', 'from_kind': 'leg_cocking', 'to_kind': 'ball_contact'}
])
