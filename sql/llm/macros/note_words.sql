-- macro:      note_words
-- what:       the note of a metric as a clause of a sentence, without digits and number words; NULL if there is
--             nothing to say
-- parameters: note: the column note of metrics
-- unit:       text
-- source:     the notes of sql/metrics and sql/sports; notes of other packs are used if they have no digits and
--             underscores

CREATE OR REPLACE TEMP MACRO note_words(note) AS CASE
    WHEN note IS NULL OR note LIKE 'of %' THEN NULL
    WHEN note LIKE 'seen from the front%'
        THEN 'the camera does not see the movement from the side for most of the time, so the angle in space says more than that in the picture'
    WHEN note LIKE 'in space, from one camera%' THEN 'the angle is in space, whose depth a lone camera sees badly'
    WHEN note LIKE 'in space, since%' THEN 'the angle is in space, since the view is not from the side'
    WHEN note LIKE 'left and right do not differ%' THEN 'the sides do not differ beyond the uncertainty'
    WHEN note LIKE 'the two heights%' THEN 'the heights do not differ beyond the uncertainty'
    WHEN regexp_matches(note, '[0-9_]') THEN NULL
    ELSE note
END;
