// Written by `make types` from the server's schema. Not to be edited.

export interface paths {
    "/api/about": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What There Is */
        get: operations["what_there_is_api_about_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/quick": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Quick */
        post: operations["quick_api_quick_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/answer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Answer */
        post: operations["answer_api_answer_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/over-relief": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Over Relief */
        post: operations["over_relief_api_over_relief_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/footprint": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Footprint */
        post: operations["footprint_api_footprint_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/scenario": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Scenario */
        post: operations["scenario_api_scenario_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/examples/{name}/request": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Look */
        get: operations["look_api_examples__name__request_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/examples/{name}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Played Back */
        get: operations["played_back_api_examples__name__replay_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/claims/{claim}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Test */
        get: operations["test_api_claims__claim__test_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/lines": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Coasts And Borders */
        get: operations["coasts_and_borders_api_lines_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/relief/{z}/{x}/{y}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Relief */
        get: operations["relief_api_relief__z___x___y__get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/heights/{z}/{x}/{y}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Heights */
        get: operations["heights_api_heights__z___x___y__get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * About
         * @description What the server offers; requested once.
         */
        About: {
            /** Version */
            version: string;
            /** Catalogue Hash */
            catalogue_hash: string;
            /** Systems */
            systems: components["schemas"]["SystemSummary"][];
            /** Threats */
            threats: components["schemas"]["ThreatSummary"][];
            /** Countries */
            countries: components["schemas"]["CountrySummary"][];
            /** Examples */
            examples: components["schemas"]["ExampleSummary"][];
            /** Claims */
            claims: components["schemas"]["ClaimSummary"][];
            /** Terrains */
            terrains: components["schemas"]["TerrainSummary"][];
            /** Credits */
            credits: string[];
            start: components["schemas"]["MapRequest"];
        };
        /**
         * Approach
         * @description Straight approaches to an asset at one level by a number of threats together, one per azimuth of origin.
         *
         *     `opportunities` are those offered to the threat with the fewest, as chosen and at most 20; `leakage` is the share of threats that
         *     survives all salvos offered, an upper bound where a kill would have released a channel.
         */
        Approach: {
            /** Level M */
            level_m: number;
            /** Together */
            together: number;
            /** Opportunities */
            opportunities: number[];
            /** Leakage */
            leakage: components["schemas"]["Bracket"][];
        };
        /**
         * AreaAsked
         * @description The area whose share closed is computed.
         */
        AreaAsked: {
            /** Name */
            name: string;
            /** Iso3 */
            iso3: string;
            /** Km2 */
            km2: number;
        };
        /**
         * Assessment
         * @description A claim assessed.
         *
         *     `verdict` is none if the source is not verified; `computed` is that of the tests all the same. `answer` is the verdict in plain words,
         *     `number` what the hardest test found and would need.
         */
        Assessment: {
            /**
             * Schema Version
             * @default 2
             * @constant
             */
            schema_version: 2;
            /** Id */
            id: string;
            /** Said */
            said: string;
            /** Words */
            words: string;
            /** Speaker */
            speaker: string;
            /** Date */
            date: string;
            /** Grade */
            grade: string;
            /** Means */
            means: string;
            /**
             * Verdict
             * @enum {string}
             */
            verdict: "refuted" | "not refuted" | "supported" | "not tested: source not verified";
            /**
             * Computed
             * @enum {string}
             */
            computed: "refuted" | "not refuted" | "supported";
            /** Answer */
            answer: string;
            /** Number */
            number: string;
            /** Why */
            why: string;
            need: components["schemas"]["Need"] | null;
            /** Tests */
            tests: components["schemas"]["TestAnswer"][];
            flip: components["schemas"]["Flip"];
            /** Catalogue Hash */
            catalogue_hash: string;
            /** Assumed */
            assumed: number;
            /** Figures */
            figures: number;
            /** By Grade */
            by_grade: {
                [key: string]: number;
            };
            /** Warnings */
            warnings: string[];
        };
        /**
         * AssetAt
         * @description A place whose protection rose is computed.
         */
        AssetAt: {
            /** Id */
            id: string;
            /** At */
            at: [
                number,
                number
            ];
        };
        /**
         * Bracket
         * @description A number with every figure at the end that favours the attacker, as chosen, and at the end that favours the defender.
         */
        Bracket: {
            /** Low */
            low: number;
            /** Likely */
            likely: number;
            /** High */
            high: number;
        };
        /**
         * Circle
         * @description The brochure circle of a unit: the maximum range against aircraft of its longest-range loaded missile.
         */
        Circle: {
            /** Unit */
            unit: string;
            /** System */
            system: string;
            /** Missile */
            missile: string;
            /** At */
            at: [
                number,
                number
            ];
            /** Range Km */
            range_km: number;
            /** Ceiling Km */
            ceiling_km: number;
        };
        /**
         * ClaimSummary
         * @description Summary of a claim of the ledger. `scenarios` are those of its tests: example and variant, in order of the tests.
         */
        ClaimSummary: {
            /** Id */
            id: string;
            /** Said */
            said: string;
            /** Words */
            words: string;
            /** Speaker */
            speaker: string;
            /** Date */
            date: string;
            /** Grade */
            grade: string;
            /** Means */
            means: string;
            /** Shows Not */
            shows_not: string[];
            /** Sources */
            sources: string[];
            /** Scenarios */
            scenarios: [
                string,
                string
            ][];
        };
        /**
         * ClaimTest
         * @description A share that must reach a threshold: in a variant of a scenario, at one level. Fields not given are those of its `cover`.
         */
        ClaimTest: {
            /**
             * Scenario
             * @description a scenario file, its path relative to the claim's folder, or the name of a shipped example
             */
            scenario: string;
            /**
             * Variant
             * @description by default the first
             */
            variant?: string | null;
            /** Level M */
            level_m: number;
            /**
             * Above
             * @default ground
             * @enum {string}
             */
            above: "ground" | "sea";
            /**
             * Measure
             * @default closed_share
             * @enum {string}
             */
            measure: "closed_share" | "engageable_share" | "tracked_share";
            /** Opportunities */
            opportunities?: number | null;
            /** Together */
            together?: number | null;
            /** Kind */
            kind?: ("aircraft" | "cruise" | "drone") | null;
            /** Rcs M2 */
            rcs_m2?: number | null;
            /** Speed Mps */
            speed_mps?: number | null;
            /**
             * At Least
             * @default 0.95
             */
            at_least: number;
        };
        /**
         * CountrySummary
         * @description A country and its bounding box; east may exceed 180.
         */
        CountrySummary: {
            /** Iso3 */
            iso3: string;
            /** Name */
            name: string;
            /** West */
            west: number;
            /** South */
            south: number;
            /** East */
            east: number;
            /** North */
            north: number;
        };
        /**
         * CoverFigures
         * @description How many figures the answer used, how many of each grade, and the at most three that carry most of the spread (null: no draws).
         */
        CoverFigures: {
            /** Count */
            count: number;
            /** Of */
            of: number;
            /** By Grade */
            by_grade: {
                [key: string]: number;
            };
            /** Most Influential */
            most_influential: components["schemas"]["Mover"][] | null;
        };
        /**
         * Defended
         * @description Aim points that are defended against threats from one azimuth: their area, and its extent relative to the unit facing it.
         *
         *     An extent is negative if the footprint ends short of the unit, and null if nothing is defended: `why_none` says why.
         *     `area_by_opportunities` is the area with at least one, two, ... opportunities.
         */
        Defended: {
            /** From Deg */
            from_deg: number;
            /** Area Km2 */
            area_km2: number;
            /** Ahead Km */
            ahead_km: number | null;
            /** Behind Km */
            behind_km: number | null;
            /** Left Km */
            left_km: number | null;
            /** Right Km */
            right_km: number | null;
            /** Area By Opportunities Km2 */
            area_by_opportunities_km2: number[];
            /** Why None */
            why_none?: string | null;
        };
        /**
         * DrawsUsed
         * @description The outer draws of an answer: each a joint draw of all figures that have a range.
         *
         *     count          how many, from `seed`
         *     cell_m         side of the cells that they were counted on
         *     grounds        how many made-up grounds, each with a siting of the units, the draws take turns on; 1: the terrain as it is
         *     grounds_share  share of the variance of what is closed, mean over the levels, that lies between grounds; null for one ground
         */
        DrawsUsed: {
            /** Count */
            count: number;
            /** Seed */
            seed: number;
            /** Cell M */
            cell_m: number;
            /** Grounds */
            grounds: number;
            /** Grounds Share */
            grounds_share: number | null;
        };
        /**
         * ExampleSummary
         * @description Summary of a shipped scenario: a raid can be replayed, a `cover` can be shown as a look.
         */
        ExampleSummary: {
            /** Name */
            name: string;
            /** Title */
            title: string;
            /** Summary */
            summary: string;
            /** Variants */
            variants: string[];
            /** Has Raid */
            has_raid: boolean;
            /** Has Cover */
            has_cover: boolean;
        };
        /**
         * Fault
         * @description One fault: the problem, its location, the fix.
         */
        Fault: {
            /** What */
            what: string;
            /** Where */
            where: string;
            /** Fix */
            fix: string;
        };
        /**
         * FiguresUsed
         * @description How many figures were used (`of`), of each grade, and of uncertain grades: assumed, unverified or estimates (`count`).
         */
        FiguresUsed: {
            /** Count */
            count: number;
            /** Of */
            of: number;
            /** By Grade */
            by_grade: {
                [key: string]: number;
            };
        };
        /**
         * Flip
         * @description Which single assumption would change the verdict.
         *
         *     `settled`: figures that the verdict already has at the end that could change it. `asked`: every what-if, in the order of the claim.
         */
        Flip: {
            /** Figures */
            figures: number;
            /** Settled */
            settled: number;
            /** What Ifs */
            what_ifs: number;
            /** Asked */
            asked: components["schemas"]["Tried"][];
            /** Cell M */
            cell_m: number;
            /** Flips */
            flips: components["schemas"]["Tried"][];
            nearest: components["schemas"]["Tried"] | null;
            heaviest: components["schemas"]["Weight"] | null;
        };
        /**
         * FootprintAnswer
         * @description Low, likely and high: every figure at the end that favours the attacker, as chosen, at the end that favours the defender.
         */
        FootprintAnswer: {
            /**
             * Schema Version
             * @default 1
             * @constant
             */
            schema_version: 1;
            unit: components["schemas"]["FootprintUnit"];
            threat: components["schemas"]["FootprintThreat"];
            /** Opportunities */
            opportunities: number;
            /** Together */
            together: number;
            /** Cell Km */
            cell_km: number;
            terrain: components["schemas"]["MapTerrain"];
            /** Catalogue Hash */
            catalogue_hash: string;
            assumed: components["schemas"]["FiguresUsed"];
            /** Left As Chosen */
            left_as_chosen: string[];
            /** Warnings */
            warnings: string[];
            /** Low */
            low: components["schemas"]["Defended"][];
            /** Likely */
            likely: components["schemas"]["Defended"][];
            /** High */
            high: components["schemas"]["Defended"][];
        };
        /**
         * FootprintMap
         * @description The answer, and the defended ground with figures as chosen: rings of alternating longitude and latitude, the outer ring first.
         */
        FootprintMap: {
            answer: components["schemas"]["FootprintAnswer"];
            /** Areas */
            areas: number[][][];
        };
        /**
         * FootprintMapRequest
         * @description A footprint request: one unit against ballistic missiles from one azimuth.
         */
        FootprintMapRequest: {
            /** System */
            system: string;
            /** At */
            at: [
                number,
                number
            ];
            /** Heading Deg */
            heading_deg?: number | null;
            /** Threat */
            threat: string;
            /**
             * From Deg
             * @default 0
             */
            from_deg: number;
            /**
             * Opportunities
             * @default 1
             */
            opportunities: number;
            /**
             * Terrain
             * @default world
             */
            terrain: string;
        };
        /**
         * FootprintThreat
         * @description The threat: its range, its apogee (null: minimum energy), and its arrival speed at the unit's site.
         */
        FootprintThreat: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            /** Range Km */
            range_km: number;
            /** Apogee Km */
            apogee_km: number | null;
            /** Arrival Mps */
            arrival_mps: number;
        };
        /**
         * FootprintUnit
         * @description The fire unit whose footprint is computed. A sector without a heading faces each azimuth in turn: any one direction at a time.
         */
        FootprintUnit: {
            /** System */
            system: string;
            /** Name */
            name: string;
            /** At */
            at: [
                number,
                number
            ];
            /** Sector Deg */
            sector_deg: number;
            /** Heading Deg */
            heading_deg: number | null;
            /** Intercept Range Km */
            intercept_range_km: number;
            /** Brochure Km */
            brochure_km: number;
        };
        /**
         * FullAnswer
         * @description The full answer, and the map with figures as chosen on the headings that it took: it replaces that of the quick answer.
         */
        FullAnswer: {
            map: components["schemas"]["QuickAnswer"];
            answer: components["schemas"]["SkyAnswer"];
        };
        /**
         * Grade
         * @description How well a figure is documented, best first.
         * @enum {string}
         */
        Grade: "read" | "cited" | "computed" | "given" | "estimate" | "unverified" | "assumed";
        /**
         * LevelAnswer
         * @description One level. Shares are of the requested area, null without one; areas in km² are of all cells, inside it or not.
         *
         *     Behind the fence are cells that nobody can engage, but that no straight line reaches without enough firing opportunities; they are no
         *     part of closed. `headings` is how many the worst heading was sought among. Staring: what is closed if each unit without a heading
         *     keeps one sector, on the heading that closes most by itself; null where none has a sector to keep. Where statistical relief was used,
         *     all ranges are over it, and the coarse ones of closed are what the terrain as it is gives.
         */
        LevelAnswer: {
            /** Level M */
            level_m: number;
            /** Underground Share */
            underground_share: number;
            /** Headings */
            headings: number;
            tracked_share: components["schemas"]["Bracket"] | null;
            engageable_share: components["schemas"]["Bracket"] | null;
            closed_share: components["schemas"]["Bracket"] | null;
            closed_staring_share?: components["schemas"]["Bracket"] | null;
            behind_fence_share: components["schemas"]["Bracket"] | null;
            tracked_km2: components["schemas"]["Bracket"];
            engageable_km2: components["schemas"]["Bracket"];
            closed_km2: components["schemas"]["Bracket"];
            closed_staring_km2?: components["schemas"]["Bracket"] | null;
            behind_fence_km2: components["schemas"]["Bracket"];
            coarse_closed_share?: components["schemas"]["Bracket"] | null;
            coarse_closed_km2?: components["schemas"]["Bracket"] | null;
            closed_over_draws?: components["schemas"]["OverDraws"] | null;
        };
        /**
         * Lines
         * @description Coasts and borders: alternating longitude and latitude, degrees.
         */
        Lines: {
            /** Coasts */
            coasts: number[][];
            /** Borders */
            borders: number[][];
        };
        /**
         * MapRaster
         * @description A coverage map as a raster in degrees, row 0 the northernmost: bytes compressed with zlib, in base64.
         *
         *     `marks`: one byte per point; bit 0 tracked, 1 engageable, 2 closed, 3 below ground; the upper four bits count opportunities, up to 8.
         *     `floor`: two bytes per point, little-endian, signed: height above ground of the lowest altitude seen by an engagement radar, m;
         *     -1 if none sees the point.
         */
        MapRaster: {
            /** West */
            west: number;
            /** South */
            south: number;
            /** East */
            east: number;
            /** North */
            north: number;
            /** Rows */
            rows: number;
            /** Columns */
            columns: number;
            /** Marks */
            marks: string;
            /** Floor */
            floor: string;
        };
        /**
         * MapRequest
         * @description A coverage request: units at places, one target at one level. It is complete; the server keeps no state between requests.
         *
         *     With an `example`, the rest of its scenario applies as well (sensors, loads, its own entries); units of the same id keep
         *     its settings.
         */
        MapRequest: {
            /**
             * Units
             * @default []
             */
            units: components["schemas"]["UnitAt"][];
            /**
             * Assets
             * @default []
             */
            assets: components["schemas"]["AssetAt"][];
            /**
             * @default {
             *       "kind": "aircraft",
             *       "rcs_m2": 1,
             *       "speed_mps": 250
             *     }
             */
            target: components["schemas"]["Target"];
            /**
             * Level M
             * @default 1000
             */
            level_m: number;
            /**
             * Above
             * @default ground
             * @enum {string}
             */
            above: "ground" | "sea";
            /**
             * Opportunities
             * @default 1
             */
            opportunities: number;
            /**
             * Together
             * @default 1
             */
            together: number;
            /** Country */
            country?: string | null;
            /** Outline */
            outline?: [
                number,
                number
            ][] | null;
            /**
             * Terrain
             * @default world
             */
            terrain: string;
            /**
             * Cell M
             * @default 1000
             */
            cell_m: number;
            /** Example */
            example?: string | null;
            /** Variant */
            variant?: string | null;
        };
        /**
         * MapTerrain
         * @description The terrain under a map: whether coarse nodes hide ridges, so that what is seen is an upper bound, and its label for titles.
         */
        MapTerrain: {
            /** Name */
            name: string;
            /** Posting M */
            posting_m: number;
            /** Upper Bound */
            upper_bound: boolean;
            /** Label */
            label: string;
        };
        /**
         * Mover
         * @description A figure that what is closed hangs on, mean over the levels, as a share of the area or in km² without one.
         *
         *     share      of the variance between outer draws on one ground: its first-order effect, from a quadratic fit
         *     error      the standard error of that share
         *     low, high  what is closed at the low and at the high end of its range, all others drawn: by the fit
         */
        Mover: {
            /** Figure */
            figure: string;
            /** Grade */
            grade: string;
            /** Source */
            source: string[];
            /** Share */
            share: number;
            /** Error */
            error: number;
            /** Low */
            low: number;
            /** High */
            high: number;
        };
        /**
         * Need
         * @description What the hardest test of a refuted claim would need, with every figure at the end that favours the defender.
         *
         *     `needed_km2` is the area asked for. Of the units of the test, each by itself: the largest area of what the test measures (`alone_km2`,
         *     of `system` at `unit`), and the largest area beyond which a unit adds nothing (`most_km2`; of closed: what it can engage over).
         *     `side_by_side` and `at_least` are the numbers of units that follow from them; null for an area of nought.
         */
        Need: {
            /** Test */
            test: number;
            /** System */
            system: string;
            /** Unit */
            unit: string;
            /** Needed Km2 */
            needed_km2: number;
            /** Alone Km2 */
            alone_km2: number;
            /** Most Km2 */
            most_km2: number;
            /** Side By Side */
            side_by_side: number | null;
            /** At Least */
            at_least: number | null;
        };
        /**
         * OverDraws
         * @description What is closed over the outer draws: shares of the area, or km² without one.
         *
         *     bracket90   5 to 95 % of the draws; `median`, of the same
         *     coarsening  what counting on coarse cells adds: the likely answer counted on them, less the likely answer
         */
        OverDraws: {
            /** Bracket90 */
            bracket90: [
                number,
                number
            ];
            /** Median */
            median: number;
            /** Coarsening */
            coarsening: number;
        };
        /**
         * QuickAnswer
         * @description The quick answer: the map and the share, with figures as chosen and on few headings. Low and high are in the full answer.
         */
        QuickAnswer: {
            raster: components["schemas"]["MapRaster"];
            level: components["schemas"]["QuickLevel"];
            /** Headings */
            headings: string;
            /** Slewing */
            slewing: string[];
            /** Afloat */
            afloat: string[];
            /** Circles */
            circles: components["schemas"]["Circle"][];
            /** Circles Km2 */
            circles_km2: number;
            /** Circles Share */
            circles_share: number | null;
            area: components["schemas"]["AreaAsked"] | null;
            terrain: components["schemas"]["MapTerrain"];
            /** Terrain Label */
            terrain_label: string;
            /** Cell M */
            cell_m: number;
            /** Catalogue Hash */
            catalogue_hash: string;
            /** Assumed */
            assumed: number;
            /** Figures */
            figures: number;
            /** By Grade */
            by_grade: {
                [key: string]: number;
            };
            /** Credits */
            credits: string[];
            /** Warnings */
            warnings: string[];
        };
        /**
         * QuickLevel
         * @description One level with figures as chosen. Shares are of the requested area, null without one.
         */
        QuickLevel: {
            /** Level M */
            level_m: number;
            /** Underground Share */
            underground_share: number;
            /** Tracked Share */
            tracked_share: number | null;
            /** Engageable Share */
            engageable_share: number | null;
            /** Closed Share */
            closed_share: number | null;
            /** Behind Fence Share */
            behind_fence_share: number | null;
            /** Tracked Km2 */
            tracked_km2: number;
            /** Engageable Km2 */
            engageable_km2: number;
            /** Closed Km2 */
            closed_km2: number;
            /** Behind Fence Km2 */
            behind_fence_km2: number;
        };
        /**
         * Refusal
         * @description The faults of a refused request: the body of every response with status 400 or above.
         */
        Refusal: {
            /** Faults */
            faults: components["schemas"]["Fault"][];
        };
        /**
         * ReliefUsed
         * @description Statistical relief in an answer: how many made-up grounds, how units were sited on them, and the size of the cells counted.
         */
        ReliefUsed: {
            /** Seeds */
            seeds: number;
            /** Sitings */
            sitings: ("low" | "high" | "altitude")[];
            /** Cell M */
            cell_m: number;
        };
        /**
         * Replay
         * @description The replay of one trial, as the engine recorded it.
         */
        Replay: {
            /** Scenario */
            scenario: string;
            /** Title */
            title: string;
            /** Summary */
            summary: string;
            /** Variant */
            variant: string;
            /** Trial */
            trial: number;
            /** Seed */
            seed: number;
            /** Duration S */
            duration_s: number;
            /** Start S */
            start_s: number;
            /** Terrain Label */
            terrain_label: string;
            /** Units */
            units: components["schemas"]["ReplayUnit"][];
            /** Assets */
            assets: components["schemas"]["ReplayAsset"][];
            /** Tracks */
            tracks: components["schemas"]["ReplayTrack"][];
            /** Shots */
            shots: components["schemas"]["ReplayShot"][];
            /** Events */
            events: components["schemas"]["ReplayEvent"][];
            /** Shows Not */
            shows_not: string[];
        };
        /**
         * ReplayAsset
         * @description An asset of the replayed scenario.
         */
        ReplayAsset: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            /** At */
            at: [
                number,
                number
            ];
            /** Radius M */
            radius_m: number;
        };
        /**
         * ReplayEvent
         * @description One event in words.
         */
        ReplayEvent: {
            /** Time S */
            time_s: number;
            /** Text */
            text: string;
        };
        /**
         * ReplayShot
         * @description A salvo from its launch by a unit at `start_s` to its intercept at `end_s`.
         */
        ReplayShot: {
            /** Unit */
            unit: string;
            /** Threat */
            threat: string;
            /** Missile */
            missile: string;
            /** Rounds */
            rounds: number;
            /** Start S */
            start_s: number;
            /** End S */
            end_s: number;
            /** Origin */
            origin: [
                number,
                number
            ];
            /** Meeting */
            meeting: [
                number,
                number,
                number
            ];
            /** Kill */
            kill: boolean;
        };
        /**
         * ReplayTrack
         * @description Track of one threat: alternating latitude, longitude, altitude from `start_s`, `step_s` apart; `end` is what happens at `end_s`.
         *
         *     `why` is its story, with the reasons why it was not engaged earlier.
         */
        ReplayTrack: {
            /** Threat */
            threat: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "aircraft" | "cruise" | "drone" | "ballistic";
            /** Start S */
            start_s: number;
            /** End S */
            end_s: number;
            /** Step S */
            step_s: number;
            /**
             * End
             * @enum {string}
             */
            end: "killed" | "impact" | "failed" | "gone";
            /** Positions */
            positions: number[];
            /** Why */
            why: components["schemas"]["ReplayEvent"][];
        };
        /**
         * ReplayUnit
         * @description A fire unit or a sensor of the replayed scenario.
         */
        ReplayUnit: {
            /** Id */
            id: string;
            /** System */
            system: string;
            /** At */
            at: [
                number,
                number
            ];
            /** Heading Deg */
            heading_deg: number;
            /** Sector Deg */
            sector_deg: number;
            /** Range Km */
            range_km: number;
        };
        /**
         * Rose
         * @description The protection rose of an asset: approaches from all azimuths.
         */
        Rose: {
            /** Asset */
            asset: string;
            /** At */
            at: [
                number,
                number
            ];
            /** Azimuths Deg */
            azimuths_deg: number[];
            /** Approaches */
            approaches: components["schemas"]["Approach"][];
        };
        /**
         * SkyAnswer
         * @description The answer for one variant.
         */
        SkyAnswer: {
            /** Variant */
            variant: string;
            target: components["schemas"]["Target"];
            /**
             * Above
             * @enum {string}
             */
            above: "ground" | "sea";
            /** Opportunities */
            opportunities: number;
            /** Together */
            together: number;
            /** Headings */
            headings: string;
            /** Slewing */
            slewing: string[];
            /** Cell M */
            cell_m: number;
            terrain: components["schemas"]["MapTerrain"];
            /** Catalogue Hash */
            catalogue_hash: string;
            area: components["schemas"]["AreaAsked"] | null;
            /** Circles */
            circles: components["schemas"]["Circle"][];
            /** Circles Km2 */
            circles_km2: number;
            /** Circles Share */
            circles_share: number | null;
            /** Levels */
            levels: components["schemas"]["LevelAnswer"][];
            relief: components["schemas"]["ReliefUsed"] | null;
            volume: components["schemas"]["Volume"] | null;
            /** Roses */
            roses: components["schemas"]["Rose"][];
            draws: components["schemas"]["DrawsUsed"] | null;
            assumed: components["schemas"]["CoverFigures"];
            /** Left As Chosen */
            left_as_chosen: string[];
            /** Warnings */
            warnings: string[];
        };
        /**
         * Step
         * @description Progress of a long computation.
         */
        Step: {
            /** What */
            what: string;
            /** Done */
            done: number;
            /** Of */
            of: number;
        };
        /**
         * SystemSummary
         * @description Summary of a system of the catalogue; ranges are brochure ranges, null if no missile engages such targets.
         */
        SystemSummary: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            /**
             * Platform
             * @enum {string}
             */
            platform: "land" | "ship";
            /** Sector Deg */
            sector_deg: number;
            /** Range Km */
            range_km: number | null;
            /** Ceiling Km */
            ceiling_km: number | null;
            /** Ballistic Km */
            ballistic_km: number | null;
            /** Targets */
            targets: string[];
            /** Assumed */
            assumed: number;
            /** Figures */
            figures: number;
        };
        /**
         * Target
         * @description The target of a coverage request: straight path, constant speed and height, single or several together.
         */
        Target: {
            /**
             * Kind
             * @description class of target
             * @default aircraft
             * @enum {string}
             */
            kind: "aircraft" | "cruise" | "drone";
            /**
             * Rcs M2
             * @description radar cross-section at every aspect
             * @default 1
             */
            rcs_m2: number;
            /**
             * Speed Mps
             * @description ground speed
             * @default 250
             */
            speed_mps: number;
        };
        /**
         * TerrainSummary
         * @description Terrain that may be requested.
         */
        TerrainSummary: {
            /** Id */
            id: string;
            /** Label */
            label: string;
        };
        /**
         * TestAnswer
         * @description One test: the share with its range, and its verdict.
         *
         *     `circles_share` is the share that the circles of the published ranges cover, at the end that favours the defender; null where missiles
         *     do not matter. `by_arithmetic`: that share is below the threshold already, so that no simulation is needed.
         */
        TestAnswer: {
            test: components["schemas"]["ClaimTest"];
            /** Variant */
            variant: string;
            /** Area */
            area: string;
            target: components["schemas"]["Target"];
            /** Units */
            units: number;
            share: components["schemas"]["Bracket"];
            /**
             * Verdict
             * @enum {string}
             */
            verdict: "refuted" | "not refuted" | "supported";
            /** Why */
            why: string;
            terrain: components["schemas"]["MapTerrain"];
            /** Cell M */
            cell_m: number;
            /** Circles Share */
            circles_share: number | null;
            /** By Arithmetic */
            by_arithmetic: boolean;
        };
        /**
         * TestEvent
         * @description One message of a claim job: a step, then the assessment or a refusal.
         */
        TestEvent: {
            step?: components["schemas"]["Step"] | null;
            assessment?: components["schemas"]["Assessment"] | null;
            refusal?: components["schemas"]["Refusal"] | null;
        };
        /**
         * ThreatSummary
         * @description Summary of a threat of the catalogue.
         */
        ThreatSummary: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "aircraft" | "cruise" | "drone" | "ballistic";
            /** Rcs M2 */
            rcs_m2: number;
            /** Speed Mps */
            speed_mps: number | null;
            /** Range Km */
            range_km: number | null;
        };
        /**
         * Tried
         * @description One assumption changed: the resulting verdict, and the share of the decisive test at the end that decides.
         *
         *     `gap` is the distance of that share from one that would change the verdict; negative if it does.
         */
        Tried: {
            /** What */
            what: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "figure" | "what-if";
            /**
             * Verdict
             * @enum {string}
             */
            verdict: "refuted" | "not refuted" | "supported";
            /** Flips */
            flips: boolean;
            /** Share */
            share: number;
            /** Gap */
            gap: number;
        };
        /**
         * UnitAt
         * @description A fire unit with its package at a place. Without a heading, a sector turns to any one direction.
         */
        UnitAt: {
            /** Id */
            id: string;
            /** System */
            system: string;
            /** At */
            at: [
                number,
                number
            ];
            /** Heading Deg */
            heading_deg?: number | null;
        };
        /**
         * Volume
         * @description Closed volume from the ground to the ceiling, and its ratio to that of the brochure circles (overlaps counted once).
         */
        Volume: {
            /** Ceiling M */
            ceiling_m: number;
            closed_km3: components["schemas"]["Bracket"];
            /** Circles Km3 */
            circles_km3: number;
            ratio: components["schemas"]["Bracket"];
        };
        /**
         * Weight
         * @description The figure that changes the share of the hardest test most, alone: the share as chosen, and with it at one end.
         */
        Weight: {
            /** Figure */
            figure: string;
            /** Grade */
            grade: string;
            /** End */
            end: number;
            /** Unit */
            unit: string;
            /** As Chosen */
            as_chosen: number;
            /** Share */
            share: number;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    what_there_is_api_about_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["About"];
                };
            };
            /** @description Why not */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    quick_api_quick_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MapRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuickAnswer"];
                };
            };
            /** @description Why not */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    answer_api_answer_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MapRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FullAnswer"];
                };
            };
            /** @description Why not */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    over_relief_api_over_relief_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MapRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SkyAnswer"];
                };
            };
            /** @description Why not */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    footprint_api_footprint_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FootprintMapRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FootprintMap"];
                };
            };
            /** @description Why not */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    scenario_api_scenario_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MapRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/yaml": string;
                };
            };
            /** @description Why not */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    look_api_examples__name__request_get: {
        parameters: {
            query?: {
                variant?: string | null;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MapRequest"];
                };
            };
            /** @description Why not */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    played_back_api_examples__name__replay_get: {
        parameters: {
            query?: {
                variant?: string | null;
                trial?: number;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Replay"];
                };
            };
            /** @description Why not */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    test_api_claims__claim__test_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                claim: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["TestEvent"];
                };
            };
            /** @description Why not */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    coasts_and_borders_api_lines_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Lines"];
                };
            };
            /** @description Why not */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    relief_api_relief__z___x___y__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                z: number;
                x: number;
                y: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description Why not */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    heights_api_heights__z___x___y__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                z: number;
                x: number;
                y: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description Why not */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
}
